// Sealed mail and exceptions, as a reviewer meets them in the console.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/exceptions.h"
#include "src/record/key_ring.h"
#include "tests/unit/console/fixture.h"

namespace gatepost::console {
namespace {

class CustodyTest : public ConsoleTest {
 protected:
  // The house seals from now on; *file is what stands in the reviewer's key file.
  void Seal(std::string* file) {
    const record::PrivateKey key = record::MakePrivateKey("lan", record::KeyKind::kPerson);
    record::KeyRing ring;
    ASSERT_TRUE(ring.Add(record::PublicPart(key)).ok());
    record::StoreOptions options;
    options.folder = folder_ + "/held";
    options.keys_folder = folder_ + "/keys";
    ASSERT_TRUE(ring.Save(options.keys_folder).ok());
    const std::string path = folder_ + "/lan.key";
    const Secret passphrase("a long passphrase");
    ASSERT_TRUE(record::WritePrivateKey(path, key, &passphrase, {1, 1U << 20}).ok());
    *file = Slurp(path);
    store_ = std::move(record::Quarantine::Open(options)).value();
    Open();
  }
};

TEST_F(CustodyTest, SealedMailIsReadOnlyWhileTheReviewersKeyIsUnlocked) {
  std::string file;
  Seal(&file);
  Add("lan", {Role::kContentViewer});
  const std::string id = Hold("virus");
  const Browser lan = SignIn("lan");
  const Json reason = {{"reason", "asked by the clerk"}};
  Json detail = Body(Send(lan, "GET", "/api/v1/held/" + id));
  EXPECT_EQ(detail["sealed"], true);
  EXPECT_EQ(detail["subject"], "");
  Response refused = Send(lan, "POST", "/api/v1/held/" + id + "/view", reason);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(Body(refused)["error"]["code"], "key-needed");
  EXPECT_EQ(Send(lan, "POST", "/api/v1/held/" + id + "/download", reason).status, 409);

  EXPECT_EQ(
      Send(lan, "POST", "/api/v1/session/key", {{"file", file}, {"passphrase", "wrong"}}).status,
      400);
  EXPECT_EQ(Send(lan, "POST", "/api/v1/session/key",
                 {{"file", "{\"what\": \"nothing\"}"}, {"passphrase", ""}})
                .status,
            400);
  const Response unlocked = Send(lan, "POST", "/api/v1/session/key",
                                 {{"file", file}, {"passphrase", "a long passphrase"}});
  ASSERT_EQ(unlocked.status, 200) << unlocked.body;
  EXPECT_EQ(Body(unlocked)["key"], "lan");
  EXPECT_EQ(unlocked.body.find("passphrase"), std::string::npos);
  detail = Body(Send(lan, "GET", "/api/v1/held/" + id));
  EXPECT_EQ(detail["subject"], "the subject");
  EXPECT_EQ(Send(lan, "POST", "/api/v1/held/" + id + "/view", reason).status, 200);
  EXPECT_EQ(asked_["do"], "show");

  // Another session of the same account has to unlock for itself.
  const Browser again = SignIn("lan");
  EXPECT_EQ(Send(again, "POST", "/api/v1/held/" + id + "/view", reason).status, 409);
  EXPECT_EQ(Body(Send(lan, "DELETE", "/api/v1/session/key", Json::object()))["key"], "");
  EXPECT_EQ(Send(lan, "POST", "/api/v1/held/" + id + "/view", reason).status, 409);
}

TEST_F(CustodyTest, WhoLooksAtARenderingIsOnTheRecordBeforeItIsShown) {
  Add("lan", {Role::kContentViewer});
  const std::string id = Hold("spam");
  const Browser lan = SignIn("lan");
  answer_ = {{"pages", {{{"part", "2"}, {"html", "<p>words</p>"}}}}};
  const Response shown = Send(lan, "POST", "/api/v1/held/" + id + "/view", {{"reason", "a look"}});
  ASSERT_EQ(shown.status, 200) << shown.body;
  const std::string frame = Body(shown)["pages"][0]["frame"];
  const auto previews = [&] {
    std::vector<Json> all;
    EXPECT_TRUE(record::ReadAudit(record::AuditFolder(folder_), [&](const Json& one) {
                  if (one.value("event", "") == "preview") {
                    all.push_back(one);
                  }
                  return true;
                }).ok());
    return all;
  };
  EXPECT_TRUE(previews().empty());
  EXPECT_EQ(Send(lan, "GET", "/api/v1/held/" + id + "/frame/0123").status, 404);
  EXPECT_TRUE(previews().empty());
  const Response page = Send(lan, "GET", "/api/v1/held/" + id + "/frame/" + frame);
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("words"), std::string::npos);
  ASSERT_EQ(previews().size(), 1U);
  EXPECT_EQ(previews()[0]["actor"], "lan");
  EXPECT_EQ(previews()[0]["held_id"], id);
  EXPECT_EQ(previews()[0]["details"]["part"], "2");
}

TEST_F(CustodyTest, FreeTextFindsSealedSubjectsOnlyWithTheKey) {
  std::string file;
  Seal(&file);
  Add("lan", {Role::kContentViewer});
  Hold("virus");
  const Browser lan = SignIn("lan");
  EXPECT_EQ(Body(Send(lan, "GET", "/api/v1/held?text=SUBJECT"))["total"], 0);
  Send(lan, "POST", "/api/v1/session/key", {{"file", file}, {"passphrase", "a long passphrase"}});
  const Json found = Body(Send(lan, "GET", "/api/v1/held?text=SUBJECT"));
  ASSERT_EQ(found["rows"].size(), 1U) << found.dump();
  EXPECT_EQ(found["rows"][0]["subject"], "the subject");
  EXPECT_EQ(Body(Send(lan, "GET", "/api/v1/held?text=nowhere"))["total"], 0);
}

TEST_F(CustodyTest, AKeyThatIsNoneOfTheHousesOpensNothing) {
  std::string file;
  Seal(&file);
  const record::PrivateKey other = record::MakePrivateKey("lan", record::KeyKind::kPerson);
  const Secret passphrase("p");
  ASSERT_TRUE(
      record::WritePrivateKey(folder_ + "/other.key", other, &passphrase, {1, 1U << 20}).ok());
  Add("lan", {Role::kContentViewer});
  const Browser lan = SignIn("lan");
  EXPECT_EQ(Send(lan, "POST", "/api/v1/session/key",
                 {{"file", Slurp(folder_ + "/other.key")}, {"passphrase", "p"}})
                .status,
            400);
}

TEST_F(CustodyTest, AnExceptionIsMadeFromAHeldLetterAndTakenAwayByTheRuleApprover) {
  Add("lan", {Role::kReleaser});
  Add("ruler", {Role::kRuleApprover});
  record::Decision decision = record::HeldDecision("shop@outside.example");
  decision.verdict.category = "spam";
  inspect::RuleHit hit;
  hit.id = "CON-001";
  decision.findings.hits.push_back(hit);
  const Fd fd = record::Message("Subject: s\r\n\r\nx");
  const std::string id = store_->Hold(decision, fd.get()).value();
  const Browser lan = SignIn("lan");
  const std::string path = "/api/v1/held/" + id + "/exception";
  EXPECT_EQ(Send(lan, "POST", path, {{"by", "sender"}, {"days", 0}, {"reason", "known"}}).status,
            400);
  EXPECT_EQ(Send(lan, "POST", path, {{"by", "sender"}, {"days", 7}, {"reason", ""}}).status, 400);
  const Response made =
      Send(lan, "POST", path, {{"by", "sender"}, {"days", 7}, {"reason", "a known shop"}});
  ASSERT_EQ(made.status, 200) << made.body;
  const auto all = record::ReadExceptions(record::ExceptionsFile(folder_));
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().sender, "shop@outside.example");
  EXPECT_EQ(all->front().owner, "lan");
  EXPECT_EQ(all->front().rules, std::vector<std::string>{"CON-001"});

  const Browser ruler = SignIn("ruler");
  EXPECT_EQ(Body(Send(ruler, "GET", "/api/v1/exceptions"))["exceptions"].size(), 1U);
  const std::string one = "/api/v1/exceptions/" + all->front().id;
  EXPECT_EQ(Send(lan, "DELETE", one, Json::object()).status, 403);
  EXPECT_EQ(Send(ruler, "DELETE", one, {{"reason", "no longer"}}).status, 200);
  EXPECT_EQ(Send(ruler, "DELETE", one, {{"reason", "no longer"}}).status, 404);
}

TEST_F(CustodyTest, NoExceptionIsMadeFromAVirus) {
  Add("lan", {Role::kReleaser});
  const std::string id = Hold("virus");
  const Browser lan = SignIn("lan");
  EXPECT_EQ(Send(lan, "POST", "/api/v1/held/" + id + "/exception",
                 {{"by", "sender"}, {"days", 7}, {"reason", "please"}})
                .status,
            409);
}

}  // namespace
}  // namespace gatepost::console
