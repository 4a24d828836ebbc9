#include "baseten/decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "unit/baseten/records.hpp"

namespace trainstop::baseten {
namespace {

using namespace std::chrono_literals;

Result<JobSnapshot> decode(const std::string& record) {
  return decode_job(*parse_json(record));
}

TEST(DecodeJob, ReadsThePresentSchema) {
  const auto job = decode(full_record());
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->id, "p7qr9qv");
  EXPECT_EQ(job->project_id, "proj1");
  EXPECT_EQ(job->project_name, "llm");
  EXPECT_EQ(job->name, "run \"7\"");
  EXPECT_EQ(job->status, "TRAINING_JOB_RUNNING");
  EXPECT_EQ(job->created_at, parse_rfc3339("2026-11-23T20:56:04.123456Z"));
  EXPECT_EQ(job->updated_at, parse_rfc3339("2026-11-23T20:00:00Z"));
  EXPECT_EQ(job->instance_type, "H100:8x80");
  EXPECT_EQ(job->gpu_count, 8);
  EXPECT_EQ(job->gpu_type, "H100");
  EXPECT_EQ(job->node_count, 2);
  EXPECT_EQ(job->priority, -3);
  EXPECT_EQ(job->availability, "spot");
  EXPECT_EQ(job->user, "ana@corp.example");
}

TEST(DecodeJob, LeavesWhatOlderRepliesLackUnknown) {
  const auto job = decode(old_record());
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_FALSE(job->name || job->gpu_type || job->node_count || job->priority ||
               job->availability || job->user);
}

TEST(DecodeJob, IgnoresExtraFieldsAndTakesNullAsAbsent) {
  std::string record = changed(full_record(), R"("node_count":2)", R"("node_count":null)");
  record = changed(record, R"({"email":"ana@corp.example"})", "null");
  record = changed(record, R"("priority":-3)", R"("priority":null,"future":{"a":[1e999]})");
  const auto job = decode(record);
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_FALSE(job->node_count || job->priority || job->user);
}

struct Malformed {
  const char* from;
  const char* to;
  const char* words;
};

class MalformedJob : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedJob, IsUnusableAndSaysWhatIsWrong) {
  const auto job = decode(changed(full_record(), GetParam().from, GetParam().to));
  ASSERT_TRUE(job.has_error());
  EXPECT_EQ(job.error().kind, FailureKind::unusable);
  EXPECT_THAT(job.error().message, testing::EndsWith(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    Each, MalformedJob,
    testing::Values(
        Malformed{R"("id":"p7qr9qv",)", "", "id is missing"},
        Malformed{R"("p7qr9qv")", R"("../stop")", "id is not an id"},
        Malformed{R"("p7qr9qv")", "7", "id is not an id"},
        Malformed{R"("p7qr9qv")", R"("a","id":"b")", "id is given twice"},
        Malformed{"current_status", "status", "current_status is missing"},
        Malformed{R"("TRAINING_JOB_RUNNING")", R"("")", "current_status is empty"},
        Malformed{R"("TRAINING_JOB_RUNNING")", "1", "current_status is not a string"},
        Malformed{R"("TRAINING_JOB_RUNNING")", R"("A","current_status":"B")",
                  "job p7qr9qv: current_status is given twice"},
        Malformed{"2026-11-23T20:56:04.123456Z", "yesterday", "created_at is not a time"},
        Malformed{R"("2026-11-23T21:00:00+01:00")", "1763930000", "updated_at is not a time"},
        Malformed{R"("gpu_count":8)", R"("gpu_count":1e400)",
                  "instance_type.gpu_count is not a whole number"},
        Malformed{R"("gpu_count":8)", R"("gpu_count":-1)",
                  "instance_type.gpu_count is not within 0 to 1024"},
        Malformed{R"("gpu_count":8,)", "", "instance_type.gpu_count is missing"},
        Malformed{R"("gpu_type":"H100")", R"("gpu_type":5)",
                  "instance_type.gpu_type is not a string"},
        Malformed{R"("node_count":2)", R"("node_count":0)", "node_count is not within 1 to 10000"},
        Malformed{R"("node_count":2)", R"("node_count":2.5)", "node_count is not a whole number"},
        Malformed{R"("node_count":2)", R"("node_count":"2")", "node_count is not a whole number"},
        Malformed{R"("node_count":2)", R"("node_count":99999999999)",
                  "node_count is not a whole number"},
        Malformed{R"("proj1","training_project")", R"("a/b","training_project")",
                  "training_project_id is not an id"},
        Malformed{R"({"id":"proj1","name":"llm"})", R"({"id":"proj1"})",
                  "training_project.name is missing"},
        Malformed{R"({"id":"proj1","name":"llm"})", "7",
                  "job p7qr9qv: training_project is not an object"},
        Malformed{R"({"email":"ana@corp.example"})", R"({"email":5})",
                  "user.email is not a string"}));

TEST(DecodeJob, RefusesTextsOfUnboundedLength) {
  const auto job = decode(changed(full_record(), "run", std::string(2000, 'x')));
  ASSERT_TRUE(job.has_error());
  EXPECT_THAT(job.error().message, testing::EndsWith("name is longer than 1024 bytes"));
}

TEST(DecodeJob, RefusesWhatIsNoObject) {
  for (const char* text : {"null", "7", "[]", "\"x\"", "{}"}) {
    EXPECT_TRUE(decode(text).has_error()) << text;
  }
}

TEST(DecodeJobReply, IsOfTheJobThatWasAskedFor) {
  const std::string body = R"({"training_job":)" + full_record() + "}";
  EXPECT_TRUE(decode_job_reply(body, "proj1", "p7qr9qv"));
  EXPECT_TRUE(decode_job_reply(body, "proj1", "other").has_error());
  EXPECT_TRUE(decode_job_reply(body, "proj2", "p7qr9qv").has_error());
  EXPECT_TRUE(decode_job_reply("{}", "proj1", "p7qr9qv").has_error());
  EXPECT_TRUE(decode_job_reply(R"({"training_job":null})", "proj1", "p7qr9qv").has_error());
  EXPECT_TRUE(decode_job_reply(body + "x", "proj1", "p7qr9qv").has_error());
  EXPECT_TRUE(decode_job_reply("", "proj1", "p7qr9qv").has_error());
}

Result<std::pair<std::string, Money>> price(const std::string& text) {
  return decode_price(*parse_json(R"({"instance_type":{"id":"H100"},"price":)" + text + "}"));
}

TEST(DecodePrice, IsExact) {
  EXPECT_EQ(price("0.86667")->second, Money::from_nano(866'670'000));
  EXPECT_EQ(price("0.1")->second, Money::from_nano(100'000'000));
  EXPECT_EQ(price("8.6667e-1")->second, Money::from_nano(866'670'000));
  EXPECT_EQ(price("\"0.86667\"")->second, Money::from_nano(866'670'000));
  EXPECT_EQ(price("0.0000000015")->second, Money::from_nano(2)) << "half to even";
  EXPECT_EQ(price("0.0000000025")->second, Money::from_nano(2));
  EXPECT_EQ(price("60")->second, Money::from_dollars(60));
}

TEST(DecodePrice, RefusesWhatIsNoPrice) {
  for (const char* text : {"0", "0.0", "-1", "1e400", "1e9", "60.01", "null", "true", "\"\"",
                           "\"abc\"", "\"NaN\"", "\"Infinity\"", "[1]", "{}", "\"$5\""}) {
    EXPECT_TRUE(price(text).has_error()) << text;
  }
  EXPECT_TRUE(price("1,\"price\":2").has_error());
  EXPECT_TRUE(decode_price(*parse_json(R"({"price":1})")).has_error());
}

TEST(DecodeProject, HasATeamOrNot) {
  const auto with = decode_project(
      *parse_json(R"({"id":"p1","name":"llm","team_name":"research","latest_job":{"x":1}})"));
  ASSERT_TRUE(with);
  EXPECT_EQ(with->team, "research");
  EXPECT_FALSE(decode_project(*parse_json(R"({"id":"p1","name":"llm","team_name":null})"))->team);
  EXPECT_TRUE(decode_project(*parse_json(R"({"name":"llm"})")).has_error());
}

TEST(DecodeUser, IsTheEmailElseTheId) {
  EXPECT_EQ(*decode_user(R"({"user_id":"u1","email":"a@b.example"})"), "a@b.example");
  EXPECT_EQ(*decode_user(R"({"user_id":"u1","email":null})"), "u1");
  EXPECT_TRUE(decode_user("[]").has_error());
}

TEST(DecodeError, ReadsBothShapesAndNothingElse) {
  EXPECT_EQ(decode_error(R"({"code":"VALIDATION_ERROR","message":"bad id"})").message, "bad id");
  const ErrorBody limited = decode_error(R"({"error":"slow down","retry_after":37.5})");
  EXPECT_EQ(limited.message, "slow down");
  EXPECT_EQ(limited.retry_after, Duration(37'500ms));
  for (const char* body : {"<html>502</html>", "", "[1]", "7", R"({"message":5})"}) {
    EXPECT_EQ(decode_error(body).message, "") << body;
  }
  for (const char* text : {"-1", "1e400", "1e10", "null", "\"soon\"", "{}"}) {
    EXPECT_FALSE(decode_error(R"({"retry_after":)" + std::string(text) + "}").retry_after) << text;
  }
}

TEST(Quotable, EscapesAndCuts) {
  EXPECT_EQ(quotable("a\nb\x1b[0m\x7f", 100), "a\\nb\\x1b[0m\\x7f");
  EXPECT_EQ(quotable(std::string(300, 'x'), 200), std::string(200, 'x') + "…");
  EXPECT_EQ(quotable("aaä", 3), "aaä") << "a character is never cut in two";
}

RC_GTEST_PROP(Decode, RandomBytesNeverCrash, (const std::string& bytes)) {
  decode_error(bytes);
  decode_user(bytes);
  decode_job_reply(bytes, "proj1", "p7qr9qv");
  const std::string record = full_record();
  const auto at = *rc::gen::inRange<std::size_t>(0, record.size());
  const auto length = *rc::gen::inRange<std::size_t>(0, 20);
  std::string broken = record;
  broken.replace(at, length, bytes);
  decode_job_reply(R"({"training_job":)" + broken + "}", "proj1", "p7qr9qv");
}

}  // namespace
}  // namespace trainstop::baseten
