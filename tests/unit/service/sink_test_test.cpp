// What a person reads after `notify test`.
#include "service/sink_test.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace trainstop::service {
namespace {

using Outcome = core::Answer::Outcome;

TEST(SinkTest, AllThatTookItAreDone) {
  const auto answer = answer_of({{"oncall", true, ""}});
  EXPECT_EQ(answer.outcome, Outcome::done);
  EXPECT_EQ(answer.message, "1 of 1 sink took the test");
}

TEST(SinkTest, OneThatDidNotIsNamedWithItsProblem) {
  const auto answer = answer_of({{"hook", false, "it answers with 404"}, {"oncall", true, ""}});
  EXPECT_EQ(answer.outcome, Outcome::refused);
  EXPECT_EQ(answer.message, "1 of 2 sinks took the test; hook: it answers with 404");
  const Value::Array sinks{
      Value(Value::Object{
          {"sink", "hook"}, {"delivered", false}, {"problem", "it answers with 404"}}),
      Value(Value::Object{{"sink", "oncall"}, {"delivered", true}})};
  ASSERT_EQ(answer.fields.size(), 1u);
  EXPECT_EQ(answer.fields[0].first, "sinks");
  EXPECT_EQ(answer.fields[0].second, Value(sinks));
}

TEST(SinkTest, OneThatIsNotThereIsSaidSo) {
  boost::asio::io_context loop;
  notify::Notifier notifier(loop.get_executor(), {});
  std::vector<core::Answer> answers;
  const auto note = [&](core::Answer answer) { answers.push_back(std::move(answer)); };
  test_sinks(notifier, "nobody", note);
  test_sinks(notifier, {}, note);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].outcome, Outcome::no_such);
  EXPECT_EQ(answers[0].message, "there is no sink 'nobody'");
  EXPECT_EQ(answers[1].message, "no sink is configured");
}

}  // namespace
}  // namespace trainstop::service
