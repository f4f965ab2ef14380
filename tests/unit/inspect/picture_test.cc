// Pictures in messages: real picture workers in the real sandbox, and the pictures are drawn here.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "src/decode/inflate.h"
#include "src/inspect/channel.h"
#include "src/inspect/draw.h"
#include "src/inspect/inspector.h"
#include "src/inspect/picture_crew.h"
#include "src/inspect/picture_pass.h"
#include "src/inspect/picture_process.h"
#include "src/inspect/picture_wire.h"
#include "src/picture/png.h"
#include "tests/unit/inspect/inspect_testing.h"

namespace gatepost::inspect {
namespace {

using picture::Kind;
using picture::Outcome;

// A page of PDF with one line of text and nothing around it: to be read, it must be drawn first.
// Without a text layer of sixteen letters it is a picture for us.
std::string Pdf(const std::string& word) {
  // More than a short page has.
  const std::string content =
      "BT /F 48 Tf 40 80 Td (" + word + ") Tj ET\n%" + std::string(700, '-') + "\n";
  return "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
         "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
         "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 200]/Contents 4 0 R"
         "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
         "4 0 obj<</Length " +
         std::to_string(content.size()) + ">>stream\n" + content +
         "endstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
}

// A BMP of one colour with a black bar: nothing to be read in it.
std::string Bmp(uint32_t width, uint32_t height) {
  const uint32_t row = (width * 3 + 3) / 4 * 4;
  std::string out = "BM";
  const auto put = [&out](uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      out.push_back(static_cast<char>(value >> (8 * i)));
    }
  };
  put(54 + row * height, 4);
  put(0, 4);
  put(54, 4);
  put(40, 4);
  put(width, 4);
  put(height, 4);
  put(1, 2);
  put(24, 2);
  for (int i = 0; i < 6; ++i) {
    put(0, 4);
  }
  out.append(static_cast<size_t>(row) * height, '\xff');
  out.replace(54 + static_cast<size_t>(row) * (height / 2), row, row, '\0');
  return out;
}

std::string Attach(const std::string& type, const std::string& name, const std::string& content,
                   const std::string& encoding = "binary") {
  return "--x\r\nContent-Type: " + type + "\r\nContent-Transfer-Encoding: " + encoding +
         "\r\nContent-Disposition: attachment; filename=" + name + "\r\n\r\n" + content + "\r\n";
}

std::string Mail(const std::string& parts) {
  return "From: someone@example.org\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n" +
         parts + "--x--\r\n";
}

class Pictures : public testing::Test {
 protected:
  Pictures() {
    site_.folder().Write(
        "rules/pictures.yaml",
        "pack: pictures\nversion: '1'\ntitle: {en: test, vi: test}\njurisdiction: VN\n"
        "default: on\nrules:\n"
        "  - id: PIC-001\n    title: {en: test, vi: test}\n    why: test\n"
        "    zones: [attachment]\n    form: nfc\n    match: 'WATERFALL'\n    score: 4\n"
        "    severity: low\n    examples: {match: ['WATERFALL'], no_match: ['other']}\n");
  }

  InspectorOptions Options() const {
    InspectorOptions options = site_.Options();
    options.antivirus.need = AntivirusOptions::Need::kOff;
    options.pictures.on = true;
    return options;
  }

  static std::shared_ptr<Inspector> Start(const InspectorOptions& options) {
    Diagnostics diagnostics;
    Result<std::shared_ptr<Inspector>> inspector = Inspector::Start(options, &diagnostics);
    EXPECT_TRUE(inspector.ok()) << inspector.status().message();
    return inspector.ok() ? *inspector : nullptr;
  }

  static Findings Send(Inspector& inspector, const std::string& raw) {
    const Result<Fd> fd = MemFd("test", raw);
    EXPECT_TRUE(fd.ok());
    Result<Findings> findings = inspector.Inspect(TestEnvelope(), fd->get(), {});
    EXPECT_TRUE(findings.ok()) << findings.status().message();
    return findings.ok() ? *findings : Findings();
  }

  static bool NotRead(const Findings& findings, const std::string& path) {
    for (const decode::Unscannable& one : findings.unscannable) {
      if (one.reason == decode::Reason::kNotRead && one.path == path) {
        return true;
      }
    }
    return false;
  }

  TestSite site_;
};

TEST_F(Pictures, WhatStandsInAPageWithoutTextIsFoundAsInAnyAttachment) {
  const auto inspector = Start(Options());
  ASSERT_NE(inspector, nullptr);
  const Findings findings =
      Send(*inspector, Mail(Attach("application/pdf", "scan.pdf", Pdf("WATERFALL"))));
  // The page's own text layer is of nine letters, so that poppler gives it too; the picture's is a
  // second one.
  const RuleHit* hit = FindHit(findings, "PIC-001");
  ASSERT_NE(hit, nullptr);
  EXPECT_EQ(hit->evidence.front().path, "scan.pdf");
  EXPECT_EQ(hit->evidence.front().zone, "attachment");
  EXPECT_GE(hit->evidence.size(), 2U);
  EXPECT_EQ(findings.facts.count("picture.text"), 1U);
  EXPECT_EQ(findings.facts.count("document.image-only"), 0U) << "somebody did read it";
  EXPECT_TRUE(findings.unscannable.empty());
  EXPECT_NE(FindHit(findings, "TST-003"), nullptr) << "the body is read as always";
  EXPECT_EQ(inspector->state().pictures, 1U);
}

TEST_F(Pictures, OffIsAsBefore) {
  InspectorOptions options = Options();
  options.pictures.on = false;
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  const Findings findings =
      Send(*inspector, Mail(Attach("application/pdf", "scan.pdf", Pdf("OTHER")) +
                            Attach("image/bmp", "a.bmp", Bmp(200, 100))));
  ASSERT_EQ(findings.unscannable.size(), 1U);
  EXPECT_EQ(findings.unscannable.front().reason, decode::Reason::kImageOnly);
  EXPECT_EQ(findings.facts.count("document.image-only"), 1U);
  EXPECT_EQ(findings.facts.count("picture.text"), 0U);
  EXPECT_EQ(findings.ms.count("pictures"), 0U);
  EXPECT_TRUE(inspector->state().picture_workers.empty());
}

TEST_F(Pictures, TheSamePictureIsReadOnce) {
  const auto inspector = Start(Options());
  ASSERT_NE(inspector, nullptr);
  const std::string mail = Mail(Attach("image/bmp", "a.bmp", Bmp(300, 200)));
  const Findings first = Send(*inspector, mail);
  const Findings second = Send(*inspector, mail);
  EXPECT_FALSE(NotRead(first, "a.bmp"));
  EXPECT_FALSE(NotRead(second, "a.bmp"));
  EXPECT_EQ(inspector->state().pictures, 1U);
  EXPECT_EQ(inspector->state().pictures_remembered, 1U);
  // Twice in one message: once too.
  Send(*inspector, Mail(Attach("image/bmp", "b.bmp", Bmp(310, 200)) +
                        Attach("image/bmp", "c.bmp", Bmp(310, 200))));
  EXPECT_EQ(inspector->state().pictures, 2U);
}

TEST_F(Pictures, AKilledWorkerCostsThePictureAndNothingElse) {
  const auto inspector = Start(Options());
  ASSERT_NE(inspector, nullptr);
  const std::vector<int> pids = inspector->state().picture_workers;
  ASSERT_EQ(pids.size(), 1U);
  // It sits still while it is asked, so that it is killed in the middle.
  ASSERT_EQ(kill(pids.front(), SIGSTOP), 0);
  Findings findings;
  std::thread sender(
      [&] { findings = Send(*inspector, Mail(Attach("image/bmp", "a.bmp", Bmp(300, 200)))); });
  const Findings beside = Send(*inspector, TestMail("hello"));
  EXPECT_NE(FindHit(beside, "TST-003"), nullptr);
  EXPECT_TRUE(beside.unscannable.empty());
  std::this_thread::sleep_for(std::chrono::milliseconds(800));
  ASSERT_EQ(kill(pids.front(), SIGKILL), 0);
  sender.join();
  EXPECT_TRUE(NotRead(findings, "a.bmp"));
  EXPECT_EQ(findings.facts.count("unscannable.not-read"), 1U);
  EXPECT_NE(FindHit(findings, "TST-003"), nullptr) << "the rest of it is inspected";
  EXPECT_EQ(inspector->state().pictures_failed, 1U);
  // Another one is there for the next.
  const Findings after = Send(*inspector, Mail(Attach("image/bmp", "b.bmp", Bmp(320, 200))));
  EXPECT_FALSE(NotRead(after, "b.bmp"));
  ASSERT_EQ(inspector->state().picture_workers.size(), 1U);
  EXPECT_NE(inspector->state().picture_workers.front(), pids.front());
}

TEST_F(Pictures, WhenTheTimeIsUpItIsNotReadAndTheWorkerReplaced) {
  InspectorOptions options = Options();
  options.pictures.time = std::chrono::milliseconds(700);
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  const std::vector<int> pids = inspector->state().picture_workers;
  ASSERT_EQ(pids.size(), 1U);
  ASSERT_EQ(kill(pids.front(), SIGSTOP), 0);
  const int64_t begin = SteadyMs();
  const Findings findings = Send(*inspector, Mail(Attach("image/bmp", "a.bmp", Bmp(300, 200)) +
                                                  Attach("image/bmp", "b.bmp", Bmp(310, 200))));
  EXPECT_LT(SteadyMs() - begin, 6'000);
  EXPECT_TRUE(NotRead(findings, "a.bmp"));
  EXPECT_TRUE(NotRead(findings, "b.bmp"));
  EXPECT_NE(kill(pids.front(), 0), 0) << "a worker that does not answer is killed";
  // The larger one was asked for first and had its time: another copy costs nothing, unread as it
  // is.
  const Findings again = Send(*inspector, Mail(Attach("image/bmp", "c.bmp", Bmp(310, 200))));
  EXPECT_TRUE(NotRead(again, "c.bmp"));
  EXPECT_EQ(inspector->state().pictures_failed, 1U);
}

TEST_F(Pictures, MoreThanTheBudgetOfPicturesIsNotRead) {
  InspectorOptions options = Options();
  options.pictures.images = 1;
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  const Findings findings = Send(*inspector, Mail(Attach("image/bmp", "small.bmp", Bmp(100, 100)) +
                                                  Attach("image/bmp", "large.bmp", Bmp(300, 200)) +
                                                  Attach("image/bmp", "dot.bmp", Bmp(8, 8))));
  EXPECT_FALSE(NotRead(findings, "large.bmp")) << "the larger one comes first";
  EXPECT_TRUE(NotRead(findings, "small.bmp"));
  EXPECT_FALSE(NotRead(findings, "dot.bmp")) << "nothing fits into it";
}

TEST_F(Pictures, TooManyPixelsAreNotReadAndNotUnpacked) {
  InspectorOptions options = Options();
  options.pictures.pixels = 20'000;
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  const Findings findings = Send(*inspector, Mail(Attach("image/bmp", "large.bmp", Bmp(300, 200)) +
                                                  Attach("image/bmp", "small.bmp", Bmp(100, 100))));
  EXPECT_TRUE(NotRead(findings, "large.bmp"));
  EXPECT_FALSE(NotRead(findings, "small.bmp"));
  EXPECT_EQ(inspector->state().pictures, 1U);
}

TEST_F(Pictures, ADamagedPictureIsNotRead) {
  const auto inspector = Start(Options());
  ASSERT_NE(inspector, nullptr);
  std::string damaged = Bmp(300, 200);
  damaged.resize(500);
  const Findings findings = Send(*inspector, Mail(Attach("image/bmp", "a.bmp", damaged)));
  EXPECT_TRUE(NotRead(findings, "a.bmp"));
}

TEST_F(Pictures, PicturesDoNotSlowMailWithout) {
  InspectorOptions options = Options();
  options.workers = 1;
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  const std::vector<int> pids = inspector->state().picture_workers;
  ASSERT_EQ(pids.size(), 1U);
  ASSERT_EQ(kill(pids.front(), SIGSTOP), 0);
  std::thread sender([&] { Send(*inspector, Mail(Attach("image/bmp", "a.bmp", Bmp(300, 200)))); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const int64_t begin = SteadyMs();
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(FindHit(Send(*inspector, TestMail("hello")), "TST-003"), nullptr);
  }
  EXPECT_LT(SteadyMs() - begin, 3'000) << "the one worker is free while a picture is read";
  ASSERT_EQ(kill(pids.front(), SIGCONT), 0);
  sender.join();
}

TEST_F(Pictures, TheStartIsRefusedWithTheReason) {
  InspectorOptions options = Options();
  options.pictures.program = "/nowhere/gatepost-pictures";
  Diagnostics diagnostics;
  Result<std::shared_ptr<Inspector>> inspector = Inspector::Start(options, &diagnostics);
  ASSERT_FALSE(inspector.ok());
  EXPECT_NE(inspector.status().message().find("/nowhere/gatepost-pictures"), std::string::npos);
  options = Options();
  options.pictures.data = "/nowhere/tessdata";
  inspector = Inspector::Start(options, &diagnostics);
  ASSERT_FALSE(inspector.ok());
  EXPECT_NE(inspector.status().message().find("tesseract-ocr-vie"), std::string::npos)
      << inspector.status().message();
}

TEST_F(Pictures, TheWorkersStandInTheSandbox) {
  const auto inspector = Start(Options());
  ASSERT_NE(inspector, nullptr);
  const Inspector::State state = inspector->state();
  for (const char* piece : {"landlock", "seccomp", "tmpfs", "mount"}) {
    EXPECT_NE(state.picture_sandbox.find(piece), std::string::npos) << state.picture_sandbox;
  }
  ASSERT_EQ(state.picture_workers.size(), 1U);
  const std::string folder = "/proc/" + std::to_string(state.picture_workers.front());
  const Result<std::string> status = ReadFile(folder + "/status");
  ASSERT_TRUE(status.ok());
  EXPECT_NE(status->find("Seccomp:\t2"), std::string::npos) << "a filter, which knows no socket";
  EXPECT_NE(status->find("NoNewPrivs:\t1"), std::string::npos);
  EXPECT_NE(status->find("CapEff:\t0000000000000000"), std::string::npos);
  EXPECT_NE(status->find("Threads:\t1"), std::string::npos) << "tesseract's threads are off";
  EXPECT_NE(std::filesystem::read_symlink(folder + "/ns/mnt"),
            std::filesystem::read_symlink("/proc/self/ns/mnt"));
  // One socket, to the daemon, and nothing else but /dev/null.
  size_t sockets = 0;
  for (const auto& one : std::filesystem::directory_iterator(folder + "/fd")) {
    const std::string target = std::filesystem::read_symlink(one.path()).string();
    sockets += target.rfind("socket:", 0) == 0 ? 1 : 0;
    EXPECT_TRUE(target.rfind("socket:", 0) == 0 || target == "/dev/null") << target;
  }
  EXPECT_EQ(sockets, 1U);
}

// ---- drawn for a person ----

uint32_t BigEndian(Bytes four) {
  uint32_t value = 0;
  for (const char byte : four) {
    value = value << 8 | static_cast<uint8_t>(byte);
  }
  return value;
}

// Types of the chunks, whose checksums fit; *pixels is what IDAT holds, without the filters.
std::vector<std::string> Chunks(Bytes png, size_t row, std::string* pixels) {
  std::vector<std::string> types;
  for (size_t at = 8; at + 12 <= png.size();) {
    const uint32_t size = BigEndian(png.substr(at, 4));
    const Bytes named = png.substr(at + 4, size + 4ULL);
    EXPECT_EQ(decode::Crc32(named), BigEndian(png.substr(at + 8 + size, 4)));
    types.emplace_back(named.substr(0, 4));
    if (types.back() == "IDAT") {
      // Two bytes of zlib's head stand before the deflated data.
      const decode::Inflated rows = decode::Inflate(named.substr(6), 100 << 20);
      EXPECT_TRUE(rows.complete);
      std::string above(row, '\0');
      for (size_t y = 0; (y + 1) * (row + 1) <= rows.bytes.size(); ++y) {
        EXPECT_EQ(rows.bytes[y * (row + 1)], '\2');
        for (size_t x = 0; x < row; ++x) {
          above[x] = static_cast<char>(above[x] + rows.bytes[y * (row + 1) + 1 + x]);
        }
        *pixels += above;
      }
    }
    at += 12ULL + size;
  }
  return types;
}

TEST(Png, HasEachPixelAndNothingElse) {
  for (const uint32_t channels : {1U, 3U}) {
    picture::Raster raster;
    raster.width = 37;
    raster.height = 11;
    raster.channels = channels;
    for (uint32_t i = 0; i < 37 * 11 * channels; ++i) {
      raster.pixels.push_back(static_cast<uint8_t>(i * 2'654'435'761U >> 24));
    }
    const std::string png = picture::EncodePng(raster);
    EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
    std::string pixels;
    EXPECT_EQ(Chunks(png, 37ULL * channels, &pixels),
              (std::vector<std::string>{"IHDR", "IDAT", "IEND"}));
    EXPECT_EQ(pixels, std::string(raster.pixels.begin(), raster.pixels.end()));
    raster.height = 12;
    EXPECT_EQ(picture::EncodePng(raster), "") << "pixels that are not there";
  }
}

DrawnPictures DrawOf(Inspector& inspector, const std::string& raw) {
  const Result<Fd> fd = MemFd("test", raw);
  EXPECT_TRUE(fd.ok());
  Result<DrawnPictures> drawn = inspector.Draw("", fd->get());
  EXPECT_TRUE(drawn.ok()) << drawn.status().message();
  return drawn.ok() ? *drawn : DrawnPictures();
}

TEST_F(Pictures, AreDrawnForAPersonWhetherOrNotTheyAreRead) {
  InspectorOptions options = Options();
  options.pictures.on = false;
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  std::string damaged = Bmp(90, 90);
  damaged.resize(500);
  const DrawnPictures drawn =
      DrawOf(*inspector, Mail(Attach("image/bmp", "wide.bmp", Bmp(3'000, 1'000)) +
                              Attach("image/bmp", "small.bmp", Bmp(60, 50)) +
                              Attach("image/bmp", "broken.bmp", damaged) +
                              Attach("application/pdf", "scan.pdf", Pdf("WATERFALL"))));
  ASSERT_EQ(drawn.pictures.size(), 3U) << "left out: " << testing::PrintToString(drawn.left_out);
  std::map<std::string, const DrawnPicture*> by_path;
  for (const DrawnPicture& one : drawn.pictures) {
    by_path[one.path] = &one;
  }
  ASSERT_EQ(by_path.size(), 3U);
  EXPECT_EQ(by_path["wide.bmp"]->width, 1'200U) << "no larger than a screen";
  EXPECT_EQ(by_path["wide.bmp"]->height, 400U);
  const DrawnPicture& small = *by_path["small.bmp"];
  ASSERT_EQ(small.width, 60U);
  std::string pixels;
  Chunks(small.png, 60ULL * 3, &pixels);
  EXPECT_EQ(pixels.substr(0, 180), std::string(180, '\xff'));
  EXPECT_NE(pixels.find(std::string(180, '\0')), std::string::npos) << "the black bar";
  EXPECT_EQ(by_path["scan.pdf"]->page, 1U);
  EXPECT_EQ(by_path["scan.pdf"]->pages, 1U);
  EXPECT_GT(by_path["scan.pdf"]->width, 500U);
  EXPECT_EQ(drawn.left_out, std::vector<std::string>{"broken.bmp"});
  EXPECT_EQ(inspector->state().crashed, 0U);
}

TEST_F(Pictures, AMailWithoutAnyCostsNoWorkerThatDraws) {
  InspectorOptions options = Options();
  options.pictures.on = false;
  options.pictures.program = "/nowhere/gatepost-pictures";
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  EXPECT_TRUE(DrawOf(*inspector, Mail("")).pictures.empty());
  const Result<Fd> fd = MemFd("test", Mail(Attach("image/bmp", "a.bmp", Bmp(60, 50))));
  ASSERT_TRUE(fd.ok());
  const Result<DrawnPictures> refused = inspector->Draw("", fd->get());
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("/nowhere/gatepost-pictures"), std::string::npos);
}

TEST_F(Pictures, OfABombOrTooManyTheRestIsNamed) {
  InspectorOptions options = Options();
  options.pictures.on = false;
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  std::string bomb = Bmp(60, 50);
  bomb.replace(18, 8, std::string("\0\0\1\0\0\0\1\0", 8));  // 65,536 x 65,536
  std::string parts = Attach("image/bmp", "bomb.bmp", bomb);
  for (uint32_t i = 0; i < 30; ++i) {
    parts += Attach("image/bmp", "p" + std::to_string(i) + ".bmp", Bmp(60 + i, 50));
  }
  const DrawnPictures drawn = DrawOf(*inspector, Mail(parts));
  EXPECT_EQ(drawn.pictures.size(), 24U);
  EXPECT_EQ(drawn.left_out.size(), 7U);
  const DrawnPictures again =
      DrawOf(*inspector, Mail(Attach("image/bmp", "a.bmp", Bmp(60, 50)) +
                              Attach("image/bmp", "b.bmp", Bmp(60, 50)) +
                              Attach("image/bmp", "dot.bmp", Bmp(8, 8)) +
                              Attach("image/svg+xml", "d.svg", "<svg xmlns='s'/>")));
  ASSERT_EQ(again.pictures.size(), 1U);
  EXPECT_EQ(again.pictures[0].path, "a.bmp = b.bmp") << "no name is passed over";
  EXPECT_EQ(again.left_out, (std::vector<std::string>{"dot.bmp", "d.svg"}));
  EXPECT_NE(std::find(drawn.left_out.begin(), drawn.left_out.end(), "bomb.bmp"),
            drawn.left_out.end());
}

TEST(PictureWire, ADrawingThatLiesAboutItsSizeIsRefused) {
  picture::Drawing drawing;
  drawing.outcome = Outcome::kRead;
  drawing.pages = 1;
  drawing.raster.width = 4;
  drawing.raster.height = 2;
  drawing.raster.channels = 3;
  drawing.raster.pixels.assign(24, 7);
  const std::string good = EncodeDrawing(drawing);
  ASSERT_TRUE(DecodeDrawing(good, 4).ok());
  EXPECT_EQ(DecodeDrawing(good, 4)->raster.pixels, drawing.raster.pixels);
  EXPECT_FALSE(DecodeDrawing(good, 3).ok()) << "larger than it was asked for";
  for (size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(DecodeDrawing(Bytes(good).substr(0, i), 4).ok()) << i;
  }
  drawing.raster.height = 3;
  EXPECT_FALSE(DecodeDrawing(EncodeDrawing(drawing), 4).ok());
  drawing.raster.height = 2;
  drawing.raster.channels = 4;
  EXPECT_FALSE(DecodeDrawing(EncodeDrawing(drawing), 4).ok());
  drawing.raster = {};
  EXPECT_FALSE(DecodeDrawing(EncodeDrawing(drawing), 4).ok()) << "drawn, and nothing there";
  drawing.outcome = Outcome::kDamaged;
  EXPECT_TRUE(DecodeDrawing(EncodeDrawing(drawing), 4).ok());
}

// ---- the pieces ----

TEST(PictureWire, ForgedCountsAndRangesAreRefused) {
  std::vector<WantedPicture> wanted(2);
  wanted[0].path = "a.png";
  wanted[0].length = 10;
  wanted[1].rank = PictureRank::kCodes;
  wanted[1].drawn_pages = {0, 7};
  Writer out;
  PutWanted(wanted, &out);
  const std::string good = out.Take();
  Reader in(good);
  const std::vector<WantedPicture> back = GetWanted(&in);
  ASSERT_TRUE(in.AtEnd());
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].path, "a.png");
  EXPECT_FALSE(back[1].needed());
  EXPECT_EQ(back[1].drawn_pages, wanted[1].drawn_pages);
  for (size_t i = 0; i < good.size(); ++i) {
    Reader cut(Bytes(good).substr(0, i));
    GetWanted(&cut);
    EXPECT_FALSE(cut.AtEnd() && i > 0) << i;
  }
  wanted[0].offset = kMostPictureBytes;
  Writer far;
  PutWanted(wanted, &far);
  const std::string beyond = far.Take();
  Reader refused(beyond);
  GetWanted(&refused);
  EXPECT_FALSE(refused.ok());
  EXPECT_FALSE(DecodeReading("\x09").ok());
  EXPECT_FALSE(DecodeReading(std::string("\0\0\0\0\0\2\0\0\0\xff\xfe\0\0\0\0", 15)).ok())
      << "text that is not UTF-8";
}

TEST(PictureCacheTest, RemembersByKeyAndForgetsTheOldest) {
  PictureCache cache;
  picture::Reading reading;
  reading.text = std::string(200'000, 'a');
  for (int i = 0; i < 100; ++i) {
    cache.Keep("k" + std::to_string(i), reading);
  }
  picture::Reading out;
  EXPECT_FALSE(cache.Find("k0", &out)) << "20 MB are more than it keeps";
  ASSERT_TRUE(cache.Find("k99", &out));
  EXPECT_EQ(out.text, reading.text);
}

// One reading for a leaf that is image-only in two of its pages.
decode::Leaves PaperOfThreePages(Bytes bytes) {  // which outlive it
  decode::Leaves leaves;
  decode::Leaf leaf;
  leaf.path = "scan.pdf";
  leaf.type = decode::Type::kPdf;
  leaf.bytes = bytes;
  leaf.is_attachment = true;
  leaves.leaves.push_back(leaf);
  leaves.unscannable.push_back({decode::Reason::kImageOnly, "scan.pdf/page 1"});
  leaves.unscannable.push_back({decode::Reason::kImageOnly, "scan.pdf/page 3"});
  leaves.unscannable.push_back({decode::Reason::kDamaged, "scan.pdf"});
  leaves.facts["document.image-pages"] = "true";
  return leaves;
}

PictureAnswer AnswerOf(Outcome outcome, const std::string& bytes) {
  PictureAnswer answer;
  answer.length = bytes.size();
  answer.come = true;
  answer.reading.outcome = outcome;
  answer.reading.text = "text\n";
  answer.reading.codes = {"https://www.example.com/"};
  return answer;
}

TEST(PicturePassTest, ReadWholeTakesTheReasonAway) {
  const std::string bytes = "%PDF-";
  decode::Leaves leaves = PaperOfThreePages(bytes);
  PicturePass(1'000'000, {AnswerOf(Outcome::kRead, bytes)}).Visit(&leaves);
  ASSERT_EQ(leaves.unscannable.size(), 1U) << "what else is wrong with it stays";
  EXPECT_EQ(leaves.unscannable.front().reason, decode::Reason::kDamaged);
  EXPECT_TRUE(leaves.facts.count("document.image-pages") == 0);
  ASSERT_EQ(leaves.texts.size(), 2U);
  EXPECT_EQ(leaves.texts[0].utf8, "text\n");
  EXPECT_EQ(leaves.texts[1].utf8, "https://www.example.com/\n");
}

TEST(PicturePassTest, ReadInPartKeepsTheReasonAndGivesTheText) {
  const std::string bytes = "%PDF-";
  decode::Leaves leaves = PaperOfThreePages(bytes);
  PicturePass(1'000'000, {AnswerOf(Outcome::kPartly, bytes)}).Visit(&leaves);
  EXPECT_EQ(leaves.unscannable.size(), 4U);
  EXPECT_EQ(leaves.unscannable.back().reason, decode::Reason::kNotRead);
  EXPECT_EQ(leaves.unscannable.back().path, "scan.pdf");
  EXPECT_EQ(leaves.facts.count("document.image-pages"), 1U);
  EXPECT_EQ(leaves.texts.size(), 2U);
}

TEST(PicturePassTest, PagesNamedByNumberAreAskedForAsDrawn) {
  decode::Leaves leaves = PaperOfThreePages("%PDF-");
  const Result<Fd> file = MemFd("test", "");
  ASSERT_TRUE(file.ok());
  PicturePass first(1'000'000, file->get());
  first.Visit(&leaves);
  ASSERT_EQ(first.wanted().size(), 1U);
  EXPECT_EQ(first.wanted().front().drawn_pages, (std::vector<uint32_t>{0, 2}));
}

TEST(PicturePassTest, AnAnswerForAnotherLeafIsNotTaken) {
  decode::Leaves leaves = PaperOfThreePages("%PDF-");
  PicturePass(1'000'000, {AnswerOf(Outcome::kRead, "%PDF-1.7 another")}).Visit(&leaves);
  EXPECT_EQ(leaves.unscannable.back().reason, decode::Reason::kNotRead);
  EXPECT_TRUE(leaves.texts.empty());
}

TEST(PicturePassTest, APaperWithTextIsReadForItsCodesAndMissesNothing) {
  decode::Leaves leaves = PaperOfThreePages("%PDF-");
  leaves.unscannable.clear();
  const Result<Fd> file = MemFd("test", "");
  ASSERT_TRUE(file.ok());
  PicturePass first(1'000'000, file->get());
  first.Visit(&leaves);
  ASSERT_EQ(first.wanted().size(), 1U);
  EXPECT_FALSE(first.wanted().front().needed());
  EXPECT_EQ(*ReadFd(file->get()), "%PDF-");
  PicturePass(1'000'000, std::vector<PictureAnswer>()).Visit(&leaves);
  EXPECT_TRUE(leaves.unscannable.empty());
}

}  // namespace
}  // namespace gatepost::inspect
