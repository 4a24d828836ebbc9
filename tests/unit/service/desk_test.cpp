// Which request gets which reply.
#include "service/desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <variant>
#include <vector>

namespace trainstop::service {
namespace {

using testing::HasSubstr;

class DeskTest : public testing::Test {
 protected:
  DeskTest() : core_(policy::Config{}, Instant{}, Duration{0}, 1), desk_(parts()) {}

  Desk::Parts parts() {
    Desk::Parts parts;
    parts.core = [this] { return begun_ ? &core_ : nullptr; };
    parts.post = [this](core::Fact fact) { posted_.push_back(std::move(fact)); };
    parts.complete = [](Value::Object& status) { status.emplace_back("journal", "ok"); };
    parts.check = [this](CheckRequest request, Desk::Answered answered) {
      checked_ = std::move(request);
      core::Answer answer;
      answer.message = "it would stop nothing";
      answered(answer);
    };
    return parts;
  }
  /// The reply, or none yet.
  std::optional<control::Reply> ask(const std::string& method, const std::string& path,
                                    const std::string& body = "",
                                    std::vector<std::pair<std::string, std::string>> query = {}) {
    control::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.query = std::move(query);
    request.peer.user = "ana";
    const auto reply = std::make_shared<std::optional<control::Reply>>();
    replies_.push_back(reply);
    desk_.serve(std::move(request), [reply](control::Reply came) { *reply = std::move(came); });
    return *reply;
  }
  const core::Command& posted() { return std::get<core::Command>(posted_.back()); }
  control::Reply answered(core::Answer::Outcome outcome, std::string message,
                          Value::Object fields = {}) {
    core::Answer answer;
    answer.token = posted().token;
    answer.outcome = outcome;
    answer.message = std::move(message);
    answer.fields = std::move(fields);
    desk_.answer(std::move(answer));
    return replies_.back()->value();
  }

  core::Core core_;
  Desk desk_;
  bool begun_ = true;
  std::vector<core::Fact> posted_;
  std::vector<std::shared_ptr<std::optional<control::Reply>>> replies_;
  std::optional<CheckRequest> checked_;
};

TEST_F(DeskTest, EveryQuestionIsAnsweredAtOnce) {
  for (const char* path : {"/v1/rules", "/v1/budgets", "/v1/overrides", "/v1/breaker"})
    EXPECT_EQ(ask("GET", path)->status, 200U) << path;
  const auto status = ask("GET", "/v1/status", "", {{"jobs", "3"}});
  EXPECT_EQ(status->status, 200U);
  EXPECT_THAT(status->body(), HasSubstr(R"("journal":"ok")"));
  EXPECT_TRUE(posted_.empty());
}

TEST_F(DeskTest, AWrongPathMethodOrParameterIsSaid) {
  for (const char* path : {"/", "/v1", "/v1/", "/v1/jobs", "/v1/jobs/", "/v2/status", "/v1/Stop"}) {
    const auto reply = ask("GET", path);
    EXPECT_EQ(reply->status, 404U) << path;
    EXPECT_THAT(reply->body(), HasSubstr(R"("code":"no_such_path")"));
  }
  EXPECT_EQ(ask("POST", "/v1/status")->status, 405U);
  EXPECT_EQ(ask("POST", "/v1/status")->allow, "GET");
  EXPECT_EQ(ask("GET", "/v1/stop")->status, 405U);
  EXPECT_EQ(ask("GET", "/v1/stop")->allow, "POST");
  EXPECT_EQ(ask("GET", "/v1/status", "", {{"job", "3"}})->status, 400U);
  EXPECT_EQ(ask("GET", "/v1/rules", "", {{"x", ""}})->status, 400U);
  EXPECT_EQ(ask("GET", "/v1/jobs/%zz")->status, 400U);
}

TEST_F(DeskTest, AJobThatNobodyKnowsIsNotFound) {
  const auto asked = ask("GET", "/v1/jobs/no%22such");
  EXPECT_EQ(asked->status, 404U);
  EXPECT_EQ(asked->body(),
            R"({"error":{"code":"no_such_job","message":"no job is known by 'no\"such'"}})");
  const auto told = ask("POST", "/v1/stop", R"({"job":"none","reason":"x"})");
  EXPECT_EQ(told->status, 404U);
  EXPECT_TRUE(posted_.empty());
}

TEST_F(DeskTest, ACommandWaitsForItsAnswer) {
  EXPECT_FALSE(ask("POST", "/v1/pause", R"({"for_s":60,"reason":"x"})").has_value());
  EXPECT_EQ(posted().user, "ana");
  EXPECT_EQ(posted().reason, "x");
  const auto reply = answered(core::Answer::Outcome::done, "paused", {{"id", "o1"}});
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(reply.body(), R"({"message":"paused","id":"o1"})");
}

TEST_F(DeskTest, ARefusalAndANameThatIsNotThereAreTold) {
  ask("POST", "/v1/resume", R"({"reason":"x"})");
  const auto refused = answered(core::Answer::Outcome::refused, "not paused", {{"rule", "a"}});
  EXPECT_EQ(refused.status, 409U);
  EXPECT_EQ(refused.body(), R"({"error":{"code":"refused","message":"not paused","rule":"a"}})");
  ask("POST", "/v1/revoke", R"({"id":"o9","reason":"x"})");
  const auto none = answered(core::Answer::Outcome::no_such, "no override o9");
  EXPECT_EQ(none.status, 404U);
  EXPECT_THAT(none.body(), HasSubstr(R"("code":"no_such")"));
}

TEST_F(DeskTest, EachAnswerGoesToItsOwnCommand) {
  ask("POST", "/v1/pause", R"({"for_s":60,"reason":"first"})");
  ask("POST", "/v1/pause", R"({"for_s":60,"reason":"second"})");
  const auto token = std::get<core::Command>(posted_.front()).token;
  core::Answer first;
  first.token = token;
  desk_.answer(first);
  desk_.answer(first);
  core::Answer unknown;
  unknown.token = 99;
  desk_.answer(unknown);
  EXPECT_TRUE(replies_.front()->has_value());
  EXPECT_FALSE(replies_.back()->has_value());
}

TEST_F(DeskTest, ABodyThatIsWrongIsABadRequestThatNamesTheKey) {
  const auto reply = ask("POST", "/v1/pause", R"({"for_s":"2h","reason":"x"})");
  EXPECT_EQ(reply->status, 400U);
  EXPECT_THAT(reply->body(), HasSubstr(R"({"error":{"code":"bad_request","message":"'for_s': )"));
}

TEST_F(DeskTest, WhatIsNotThereIsNotAvailableAndElseIsPassedOn) {
  EXPECT_EQ(ask("POST", "/v1/reload", R"({"dry_run":true})")->status, 501U);
  EXPECT_EQ(ask("POST", "/v1/notify/test")->status, 501U);
  EXPECT_EQ(ask("POST", "/v1/reload", R"({"dry":true})")->status, 400U);
  const auto reply = ask("POST", "/v1/check", R"({"files":[{"name":"a","text":"b"}]})");
  EXPECT_EQ(reply->status, 200U);
  EXPECT_EQ(reply->body(), R"({"message":"it would stop nothing"})");
  EXPECT_EQ(checked_->main->text, "b");
}

TEST_F(DeskTest, BeforeTheJournalIsKnownNothingIsAnswered) {
  begun_ = false;
  for (const char* path : {"/v1/status", "/v1/jobs/a", "/v1/breaker"}) {
    EXPECT_EQ(ask("GET", path)->status, 503U);
    EXPECT_THAT(ask("GET", path)->body(), HasSubstr(R"("code":"starting")"));
  }
}

}  // namespace
}  // namespace trainstop::service
