// The bodies that sinks get.
#include "notify/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "log/sink.hpp"
#include "notify/text.hpp"
#include "unit/notify/events.hpp"

namespace trainstop::notify {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using Format = policy::NotifySink::Format;

const std::map<std::string, std::string> kPeople{{"ana@corp.example", "U012ABCDE"}};

policy::NotifySink sink(Format format) {
  policy::NotifySink sink;
  sink.name = "on\"call";
  sink.format = format;
  return sink;
}

boost::json::object parse(const std::string& body) {
  boost::system::error_code error;
  const auto value = boost::json::parse(body, error);
  EXPECT_FALSE(error) << body;
  return error ? boost::json::object{} : value.as_object();
}

TEST(MessageTest, AWebhookGetsTheEventAsInTheLog) {
  const Event told = job_event("rule.warned");
  for (const Format format : {Format::json, Format::exec}) {
    const Message message = message_of(sink(format), told, 42, kPeople, kThen);
    EXPECT_EQ(message.id, "42-1795497600000");
    EXPECT_EQ(message.event, "rule.warned");
    const auto body = parse(message.body);
    EXPECT_EQ(body.size(), 6u);
    EXPECT_EQ(body.at("v").as_int64(), 1);
    EXPECT_EQ(body.at("id").as_string(), "42-1795497600000");
    EXPECT_EQ(body.at("sink").as_string(), "on\"call");
    EXPECT_EQ(body.at("mention").as_string(), "U012ABCDE");
    EXPECT_EQ(body.at("text").as_string(), text_of(told));
    EXPECT_EQ(body.at("event"), boost::json::parse(log::format_line(told, 42, log::Format::json)));
  }
}

TEST(MessageTest, WithoutAKnownOwnerThereIsNoMention) {
  const auto body = parse(message_of(sink(Format::json), job_event("e"), 1, {}, kThen).body);
  EXPECT_FALSE(body.contains("mention"));
}

TEST(MessageTest, SlackGetsATextThatMentionsTheOwnerAndNobodyElse) {
  Event told = event("job.seen");
  told.message = "<!channel> & <@U999>";
  told.with("user", "ana@corp.example");
  const auto body = parse(message_of(sink(Format::slack), told, 1, kPeople, kThen).body);
  EXPECT_EQ(body.size(), 1u);
  EXPECT_THAT(std::string(body.at("text").as_string()),
              StartsWith("<@U012ABCDE> &lt;!channel&gt; &amp; &lt;@U999&gt;"));
}

TEST(MessageTest, AMentionThatIsNoMemberIdIsTakenAsItStands) {
  Event told = event("job.seen");
  told.with("user", "ana@corp.example");
  for (const char* mention : {"@ana", "<!subteam^S1>", "Uwe"}) {
    const auto body = parse(
        message_of(sink(Format::slack), told, 1, {{"ana@corp.example", mention}}, kThen).body);
    EXPECT_THAT(std::string(body.at("text").as_string()), StartsWith(mention + std::string(" ")));
  }
}

TEST(MessageTest, WhatComesLateSaysSo) {
  const Event told = event("job.seen");
  const auto text = [&](Duration late) {
    return std::string(parse(message_of(sink(Format::json), told, 1, {}, kThen + late).body)
                           .at("text")
                           .as_string());
  };
  EXPECT_EQ(text(5min), text_of(told));
  EXPECT_THAT(text(6min), StartsWith("(From 2026-11-24T05:20:00.000Z, delivered late.) "));
}

TEST(MessageTest, SignsAsRfc4231Does) {
  // RFC 4231, test case 2.
  EXPECT_EQ(signature_of("what do ya want for nothing?", "Jefe"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // Test case 6: a key longer than a block.
  EXPECT_EQ(signature_of("Test Using Larger Than Block-Size Key - Hash Key First",
                         std::string(131, '\xaa')),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace trainstop::notify
