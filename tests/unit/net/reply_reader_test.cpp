#include "net/reply_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace trainstop::net {
namespace {

using Progress = ReplyReader::Progress;
using namespace std::chrono_literals;

/// Feeds `bytes` in steps of `step`.
Progress feed(ReplyReader& reader, std::string_view bytes, std::size_t step = 1 << 20) {
  Progress progress = Progress::more;
  while (!bytes.empty() && progress == Progress::more) {
    const auto room = reader.prepare();
    const std::size_t size = std::min({room.size(), bytes.size(), step});
    std::memcpy(room.data(), bytes.data(), size);
    bytes.remove_prefix(size);
    progress = reader.commit(size);
  }
  return progress;
}

const std::string kHead = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

TEST(ReplyReader, ReadsAReplyHoweverItIsCut) {
  const std::string bytes = kHead + "Content-Length: 5\r\n\r\nhello";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    ReplyReader reader(100, nullptr);
    ASSERT_EQ(feed(reader, bytes, step), Progress::done) << step;
    EXPECT_TRUE(reader.is_reusable());
    const Response response = reader.take();
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.date, parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"));
  }
}

TEST(ReplyReader, ReadsChunksAndSendsThemOn) {
  std::string taken;
  ReplyReader reader(100, [&](std::string_view piece) {
    taken += piece;
    return true;
  });
  EXPECT_EQ(
      feed(reader, kHead + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
           3),
      Progress::done);
  EXPECT_EQ(taken, "abcde");
  EXPECT_EQ(reader.take().body, "");
}

// Found by fuzzing: Beast's assertion ended the process.
TEST(ReplyReader, AnEmptyChunkedBodyMayComeInAnyPieces) {
  for (const std::string trailer : {"", "X-Sum: 1\r\n"}) {
    const std::string bytes = kHead + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + trailer + "\r\n";
    for (std::size_t step = 1; step <= 8; ++step) {
      ReplyReader reader(100, nullptr);
      ASSERT_EQ(feed(reader, bytes, step), Progress::done) << step;
      EXPECT_TRUE(reader.is_reusable());
      EXPECT_EQ(reader.take().body, "");
    }
  }
}

TEST(ReplyReader, AChunkedBodyThatEndsTooSoonIsAFailure) {
  const std::string bytes = kHead + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n";
  for (std::size_t step = 1; step <= 8; ++step) {
    ReplyReader reader(100, nullptr);
    ASSERT_EQ(feed(reader, bytes, step), Progress::more) << step;
    EXPECT_EQ(reader.end(), Progress::failed);
  }
}

TEST(ReplyReader, ReadsOverInterimReplies) {
  ReplyReader reader(100, nullptr);
  EXPECT_EQ(feed(reader,
                 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                     kHead + "Content-Length: 2\r\n\r\nok",
                 7),
            Progress::done);
  EXPECT_EQ(reader.take().body, "ok");
}

TEST(ReplyReader, RefusesInterimRepliesWithoutEnd) {
  ReplyReader reader(100, nullptr);
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(feed(reader, bytes), Progress::failed);
}

TEST(ReplyReader, ABodyWithoutLengthEndsWithTheConnectionWhichIsThenSpent) {
  ReplyReader reader(100, nullptr);
  EXPECT_EQ(feed(reader, kHead + "\r\nhello"), Progress::more);
  EXPECT_EQ(reader.end(), Progress::done);
  EXPECT_FALSE(reader.is_reusable());
  EXPECT_EQ(reader.take().body, "hello");
}

TEST(ReplyReader, TellsACutReplyFromNone) {
  ReplyReader cut(100, nullptr);
  feed(cut, kHead + "Content-Length: 5\r\n\r\nhel");
  EXPECT_EQ(cut.end(), Progress::failed);
  EXPECT_TRUE(cut.began());
  ReplyReader none(100, nullptr);
  EXPECT_EQ(none.end(), Progress::failed);
  EXPECT_FALSE(none.began());
}

TEST(ReplyReader, HoldsTheLimitsOfHeaderAndBody) {
  ReplyReader header(100, nullptr);
  EXPECT_EQ(feed(header, kHead + "X: " + std::string(40'000, 'x')), Progress::failed);
  ReplyReader announced(4, nullptr);
  EXPECT_EQ(feed(announced, kHead + "Content-Length: 5\r\n\r\n"), Progress::failed);
  ReplyReader sized(5, nullptr);
  EXPECT_EQ(feed(sized, kHead + "Content-Length: 5\r\n\r\nhello"), Progress::done);
  ReplyReader unsized(4, nullptr);
  EXPECT_EQ(feed(unsized, kHead + "\r\nhello"), Progress::failed);
  ReplyReader chunked(4, nullptr);
  EXPECT_EQ(feed(chunked, kHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
            Progress::failed);
}

TEST(ReplyReader, KeepsTheStartOfALargeErrorBodyAndStopsReading) {
  ReplyReader reader(1 << 20, nullptr);
  EXPECT_EQ(feed(reader, "HTTP/1.1 500 Oops\r\n\r\n" + std::string(200'000, 'x')), Progress::done);
  EXPECT_FALSE(reader.is_reusable());
  const Response response = reader.take();
  EXPECT_EQ(response.status, 500U);
  EXPECT_EQ(response.body.size(), std::size_t{64} * 1024);
}

TEST(ReplyReader, ASinkThatRefusesEndsTheReplyWithoutAnError) {
  ReplyReader reader(100, [](std::string_view) { return false; });
  EXPECT_EQ(feed(reader, kHead + "Content-Length: 5\r\n\r\nhello"), Progress::failed);
  EXPECT_FALSE(reader.error());
}

TEST(ReplyReader, AnErrorsBodyDoesNotReachTheSink) {
  ReplyReader reader(100, [](std::string_view) { return false; });
  EXPECT_EQ(
      feed(reader, "HTTP/1.1 429 No\r\nRetry-After: 37\r\nAge: 3\r\nContent-Length: 2\r\n\r\n{}"),
      Progress::done);
  const Response response = reader.take();
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(response.retry_after, Duration(37s));
  EXPECT_TRUE(response.has_age);
}

TEST(ReplyReader, ReadsRetryAfterAsADateFromTheDateHeader) {
  const auto retry_after = [](const std::string& headers) {
    ReplyReader reader(100, nullptr);
    feed(reader, "HTTP/1.1 503 No\r\n" + headers + "Content-Length: 0\r\n\r\n");
    return reader.take().retry_after;
  };
  const std::string date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  EXPECT_EQ(retry_after(date + "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"), Duration(30s));
  EXPECT_EQ(retry_after("Retry-After: Sun, 06 Nov 1994 08:49:27 GMT\r\n" + date), Duration(0s));
  EXPECT_FALSE(retry_after("Retry-After: Sun, 06 Nov 1994 08:49:27 GMT\r\n"));
  EXPECT_FALSE(retry_after("Retry-After: -5\r\n"));
  EXPECT_FALSE(retry_after("Retry-After: 99999999999999999999\r\n"));
}

TEST(ReplyReader, RandomBytesNeverCrash) {
  std::mt19937 random(20261124);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = kHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    const std::size_t changes = random() % 8;
    for (std::size_t i = 0; i < changes; ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    ReplyReader reader(1000, nullptr);
    if (feed(reader, bytes, 1 + random() % 30) == Progress::more) reader.end();
    EXPECT_LE(reader.take().body.size(), 1000U);
  }
}

}  // namespace
}  // namespace trainstop::net
