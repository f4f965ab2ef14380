// Held mail under keys: what is on disk, who opens it, what damage does, how keys come and go.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>

#include <map>
#include <set>

#include "src/record/custody.h"
#include "src/record/key_ring.h"
#include "src/record/quarantine.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

constexpr const char* kBytes = "Subject: the subject\r\n\r\nnobody may read this\r\n";

class SealingTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    lan_ = MakePrivateKey("lan", KeyKind::kPerson);
    minh_ = MakePrivateKey("minh", KeyKind::kPerson);
    service_ = MakePrivateKey("release service", KeyKind::kService);
    options_ = CustodyOptions().ForStore(folder_);
  }
  // `only`: the categories that each of them opens, where not all.
  void Ring(const std::vector<const PrivateKey*>& keys,
            const std::map<const PrivateKey*, std::set<std::string>>& only = {}) {
    KeyRing ring;
    for (const PrivateKey* key : keys) {
      RingKey part = PublicPart(*key);
      if (const auto found = only.find(key); found != only.end()) {
        part.categories = found->second;
      }
      ASSERT_TRUE(ring.Add(std::move(part)).ok());
    }
    ASSERT_TRUE(ring.Save(options_.keys_folder).ok());
  }
  std::unique_ptr<Quarantine> Open() {
    auto store = Quarantine::Open(options_);
    EXPECT_TRUE(store.ok()) << store.status().message();
    return store.ok() ? std::move(store).value() : nullptr;
  }
  static std::string Hold(Quarantine* store, const std::string& category,
                          const std::string& bytes = kBytes) {
    Decision decision = HeldDecision();
    decision.verdict.category = category;
    const Fd fd = Message(bytes);
    const auto id = store->Hold(decision, fd.get());
    EXPECT_TRUE(id.ok()) << id.status().message();
    return id.ok() ? *id : "";
  }
  std::string Path(const std::string& id, const char* suffix) const {
    return options_.folder + "/" + id.substr(3, 4) + "/" + id.substr(7, 2) + "/" + id.substr(9, 2) +
           "/" + id + suffix;
  }
  // Is the text anywhere below the folder?
  bool OnDisk(const std::string& text) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file() && Slurp(entry.path()).find(text) != std::string::npos) {
        return true;
      }
    }
    return false;
  }
  StoreOptions options_;
  PrivateKey lan_, minh_, service_;
};

TEST_F(SealingTest, TheGatewayCanHoldAndNotReadBack) {
  Ring({&lan_, &service_});
  const auto store = Open();
  const std::string id = Hold(store.get(), "virus");
  EXPECT_FALSE(OnDisk("nobody may read"));
  EXPECT_FALSE(OnDisk("the subject"));
  EXPECT_EQ(store->ReadMessage(id).status().code(), Code::kUnavailable);
  EXPECT_EQ(store->ReadMessage(id, &minh_).status().code(), Code::kInvalid);
  EXPECT_EQ(store->ReadMessage(id, &service_).status().code(), Code::kInvalid);
  EXPECT_EQ(*store->ReadMessage(id, &lan_), kBytes);
  EXPECT_EQ(store->ReadWords(*store->Find(id), &lan_)->subject, "the subject");
  EXPECT_EQ(store->Find(id)->subject, "");
}

TEST_F(SealingTest, OnlyTheOnlineCategoriesAreSealedForTheReleaseService) {
  Ring({&lan_, &service_});
  const auto store = Open();
  EXPECT_EQ(*store->ReadMessage(Hold(store.get(), "spam"), &service_), kBytes);
  for (const char* category : {"virus", "marking", "unscannable", "ambiguous"}) {
    const std::string id = Hold(store.get(), category, std::string(kBytes) + category);
    EXPECT_FALSE(store->ReadMessage(id, &service_).ok()) << category;
    EXPECT_TRUE(store->ReadMessage(id, &lan_).ok()) << category;
  }
}

TEST_F(SealingTest, ARetryFindsASealedCopy) {
  Ring({&lan_});
  const auto store = Open();
  EXPECT_EQ(Hold(store.get(), "spam"), Hold(store.get(), "spam"));
}

TEST_F(SealingTest, EveryLengthComesBackByteForByte) {
  Ring({&lan_});
  const auto store = Open();
  for (const size_t size :
       {size_t{0}, size_t{1}, kStreamPiece - 1, kStreamPiece, kStreamPiece + 1, 3 * kStreamPiece}) {
    const std::string bytes(size, 'x');
    EXPECT_EQ(*store->ReadMessage(Hold(store.get(), "spam", bytes), &lan_), bytes) << size;
  }
}

TEST_F(SealingTest, AnyChangedByteIsNoticed) {
  Ring({&lan_});
  const auto store = Open();
  const std::string id = Hold(store.get(), "spam");
  const std::string whole = Slurp(Path(id, ".sealed"));
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    Spill(Path(id, ".sealed"), changed);
    EXPECT_EQ(store->ReadMessage(id, &lan_).status().code(), Code::kInternal) << at;
  }
  for (const size_t size : {whole.size() - 1, whole.size() - kStreamOverhead - 4, size_t{40}}) {
    Spill(Path(id, ".sealed"), whole.substr(0, size));
    EXPECT_FALSE(store->ReadMessage(id, &lan_).ok()) << size;
  }
  Spill(Path(id, ".sealed"), whole + whole);
  EXPECT_FALSE(store->ReadMessage(id, &lan_).ok());
  Spill(Path(id, ".sealed"), whole);
  EXPECT_TRUE(store->ReadMessage(id, &lan_).ok());
}

TEST_F(SealingTest, ContentCannotBeMovedToAnotherEntry) {
  Ring({&lan_});
  const auto store = Open();
  const std::string one = Hold(store.get(), "spam", "one");
  const std::string two = Hold(store.get(), "spam", "two");
  for (const char* suffix : {".sealed", ".keys"}) {
    Spill(Path(two, suffix), Slurp(Path(one, suffix)));
  }
  EXPECT_FALSE(store->ReadMessage(two, &lan_).ok());
}

TEST_F(SealingTest, DeletingDestroysTheKey) {
  Ring({&lan_});
  const auto store = Open();
  const std::string id = Hold(store.get(), "spam");
  ASSERT_TRUE(store->Delete(id, "lan").ok());
  EXPECT_FALSE(std::filesystem::exists(Path(id, ".keys")));
  EXPECT_FALSE(std::filesystem::exists(Path(id, ".sealed")));
  EXPECT_EQ(store->ReadMessage(id, &lan_).status().code(), Code::kNotFound);
}

TEST_F(SealingTest, WhatWasHeldInClearIsSealedLaterAndLeavesNoTrace) {
  auto store = Open();
  const std::string id = Hold(store.get(), "spam");
  EXPECT_TRUE(OnDisk("nobody may read"));
  EXPECT_EQ(store->Seal(id).status().code(), Code::kInvalid);  // no key yet
  EXPECT_TRUE(store->ReadMessage(id).ok());
  Ring({&lan_});
  EXPECT_EQ(*store->Seal(id), true);
  EXPECT_EQ(*store->Seal(id), false);
  ASSERT_TRUE(store->Scrub().ok());
  EXPECT_EQ(*store->ReadMessage(id, &lan_), kBytes);
  EXPECT_FALSE(OnDisk("nobody may read"));
  store.reset();
  EXPECT_FALSE(OnDisk("the subject"));
  EXPECT_EQ(*Open()->ReadMessage(id, &lan_), kBytes);
}

TEST_F(SealingTest, AReviewerIsAddedByOneWhoHasAKeyAndTakenOutByAnybody) {
  Ring({&lan_});
  const auto store = Open();
  const std::string id = Hold(store.get(), "virus");
  Ring({&lan_, &minh_});
  EXPECT_EQ(store->Rewrap(id, minh_).status().code(), Code::kInvalid);
  EXPECT_EQ(*store->Rewrap(id, lan_), true);
  EXPECT_EQ(*store->Rewrap(id, lan_), false);
  EXPECT_EQ(*store->ReadMessage(id, &minh_), kBytes);
  EXPECT_EQ(*store->Strip(id, lan_.id), true);
  EXPECT_FALSE(store->ReadMessage(id, &lan_).ok());
  EXPECT_EQ(store->Strip(id, minh_.id).status().code(), Code::kInvalid);  // the last
  EXPECT_EQ(*store->ReadMessage(id, &minh_), kBytes);
}

TEST_F(SealingTest, TheLastPersonsKeyStaysThoughTheServiceOpensTheMailToo) {
  Ring({&lan_, &minh_, &service_});
  const auto store = Open();
  const std::string id = Hold(store.get(), "spam");
  EXPECT_EQ(*store->Strip(id, minh_.id), true);
  const Status refused = store->Strip(id, lan_.id).status();
  EXPECT_EQ(refused.code(), Code::kInvalid);
  EXPECT_NE(refused.message().find(id), std::string::npos) << refused.message();
  EXPECT_NE(refused.message().find("rewrap"), std::string::npos) << refused.message();
  EXPECT_EQ(*store->ReadMessage(id, &lan_), kBytes);
  EXPECT_EQ(*store->Strip(id, service_.id), true);
}

TEST_F(SealingTest, AnEscrowKeyIsEnoughForAReviewersToGo) {
  const PrivateKey escrow = MakePrivateKey("escrow", KeyKind::kEscrow);
  Ring({&lan_, &escrow, &service_});
  const auto store = Open();
  const std::string id = Hold(store.get(), "spam");
  EXPECT_EQ(*store->Strip(id, lan_.id), true);
  EXPECT_EQ(*store->ReadMessage(id, &escrow), kBytes);
}

TEST_F(SealingTest, AKeyThatLeftTheRingIsNobodysWayIn) {
  Ring({&lan_, &minh_});
  const auto store = Open();
  const std::string id = Hold(store.get(), "virus");
  Ring({&lan_});
  EXPECT_EQ(store->Strip(id, lan_.id).status().code(), Code::kInvalid);
}

TEST_F(SealingTest, MailThatNoPersonsKeyOpensIsSealedForEscrowAndOnlyWithoutItInClear) {
  const PrivateKey escrow = MakePrivateKey("escrow", KeyKind::kEscrow);
  Ring({&lan_, &escrow, &service_}, {{&lan_, {"spam"}}, {&escrow, {"spam"}}});
  const auto store = Open();
  const std::string id = Hold(store.get(), "virus");
  EXPECT_FALSE(OnDisk("nobody may read"));
  EXPECT_EQ(*store->ReadMessage(id, &escrow), kBytes);
  EXPECT_FALSE(store->ReadMessage(id, &lan_).ok());
  Ring({&lan_}, {{&lan_, {"spam"}}});
  Hold(store.get(), "virus", "in clear");
  EXPECT_TRUE(OnDisk("in clear"));
}

TEST_F(SealingTest, WhoIsTheOnlyReaderOfWhatIsKnown) {
  const PrivateKey escrow = MakePrivateKey("escrow", KeyKind::kEscrow);
  Ring({&lan_, &minh_, &escrow, &service_}, {{&minh_, {"spam", "house's own"}}});
  const KeyRing ring = *KeyRing::Load(options_.keys_folder);
  using Words = std::vector<std::string>;
  EXPECT_EQ(ring.OnlyReaderOf("lan", {"spam", "virus", "marking"}), (Words{"marking", "virus"}));
  EXPECT_EQ(ring.OnlyReaderOf("minh", {"spam", "virus"}), Words());
  EXPECT_EQ(ring.OnlyReaderOf("escrow", {"spam"}), Words()) << "it is no reader";
  EXPECT_EQ(ring.OnlyReaderOf("nobody", {"spam"}), Words());
  KeyRing rest = ring;
  rest.Remove("lan");
  EXPECT_EQ(rest.OnlyReaderOf("minh", {"spam", "virus"}), (Words{"house's own", "spam"}));
  const auto unread = UnreadCategories(rest, {"spam", "virus", "freemail"}, {"spam", "freemail"});
  ASSERT_EQ(unread.size(), 2U);
  EXPECT_EQ(InWords(unread[0]), "no reviewer's key opens 'freemail': only the escrow key does");
  EXPECT_EQ(unread[1].category, "virus");
  rest.Remove("escrow");
  EXPECT_EQ(InWords(UnreadCategories(rest, {"freemail", "virus"}, {"freemail"})),
            "no reviewer's key opens freemail (only the release service's does), virus (it is held "
            "in clear); 'gatepost keys add' makes a reader");
  EXPECT_TRUE(UnreadCategories(KeyRing(), {"spam"}, {}).empty());
}

TEST_F(SealingTest, ADamagedRingHoldsNothingInClear) {
  Ring({&lan_});
  const auto store = Open();
  Spill(RingFile(options_.keys_folder), "{\"v\":1,\"keys\":[{\"name\":");
  const Fd fd = Message(kBytes);
  EXPECT_FALSE(store->Hold(HeldDecision(), fd.get()).ok());
  EXPECT_FALSE(OnDisk("nobody may read"));
  EXPECT_TRUE(std::filesystem::is_empty(options_.folder + "/tmp"));
}

TEST_F(SealingTest, AKeyFileOpensWithItsPassphraseOnly) {
  const std::string file = folder_ + "/lan.key";
  const PassphraseCost cheap{1, 1U << 20};
  const Secret right("correct horse");
  ASSERT_TRUE(WritePrivateKey(file, lan_, &right, cheap).ok());
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_FALSE(WritePrivateKey(file, lan_, &right, cheap).ok());  // never over another
  EXPECT_EQ(*NeedsPassphrase(file), true);
  EXPECT_EQ(ReadPrivateKey(file, Secret("wrong")).status().code(), Code::kInvalid);
  const auto read = ReadPrivateKey(file, right);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->secret.bytes(), lan_.secret.bytes());
  EXPECT_EQ(Slurp(file).find(Hex(lan_.secret.bytes())), std::string::npos);
}

TEST_F(SealingTest, TheQuotaRefusesInsteadOfFillingTheDisk) {
  options_.quota_bytes = 1U << 20;
  const auto store = Open();
  ASSERT_TRUE(store->Measure().ok());
  const std::string first = Hold(store.get(), "spam", std::string(700'000, 'a'));
  const Fd fd = Message(std::string(700'000, 'b'));
  EXPECT_EQ(store->Hold(HeldDecision(), fd.get()).status().code(), Code::kNoSpace);
  ASSERT_TRUE(store->Delete(first, "lan").ok());
  ASSERT_TRUE(store->Measure().ok());
  EXPECT_TRUE(store->Hold(HeldDecision(), fd.get()).ok());
}

}  // namespace
}  // namespace gatepost::record
