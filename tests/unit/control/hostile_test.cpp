// Clients that are slow, cut off, huge, garbled, or many.
#include <gmock/gmock.h>

#include "serving.hpp"

namespace trainstop::control {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string reply_to(Serving& serving, const std::string& request) {
  Raw raw(serving.path());
  raw.send(request);
  return raw.receive_all();
}

/// The server is still there for everybody else.
void expect_alive(Serving& serving) {
  const auto reply = serving.client().call("GET", "/alive", "", 5s);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_EQ(reply->status, 200U);
}

TEST(Hostile, WhatIsNoHttpIsABadRequest) {
  Serving serving;
  for (const std::string& text :
       {std::string("\x16\x03\x01 hello\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("GET no-path HTTP/1.1\r\n\r\n"),
        std::string("GET http://host/path HTTP/1.1\r\n\r\n"),
        std::string("GET /%zz HTTP/1.1\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")}) {
    const std::string reply = reply_to(serving, text);
    EXPECT_THAT(reply, HasSubstr("HTTP/1.1 400 ")) << text;
    EXPECT_THAT(reply, HasSubstr(R"({"error":{"code":"bad_request","message":")")) << text;
  }
  EXPECT_EQ(serving.handled, 0);
  expect_alive(serving);
}

TEST(Hostile, AHeaderThatIsTooLargeIsRefused) {
  Serving serving;
  const std::string large(9000, 'x');
  EXPECT_THAT(reply_to(serving, "GET / HTTP/1.1\r\nX: " + large + "\r\n\r\n"),
              HasSubstr("HTTP/1.1 431 "));
  EXPECT_THAT(reply_to(serving, "GET /" + large + " HTTP/1.1\r\n\r\n"), HasSubstr("HTTP/1.1 431 "));
  EXPECT_THAT(reply_to(serving, "GET /?" + std::string(100'000, 'y')), HasSubstr(" 431 "));
  EXPECT_EQ(serving.handled, 0);
  expect_alive(serving);
}

TEST(Hostile, ABodyThatIsTooLargeIsRefusedBeforeItCame) {
  Serving serving;
  EXPECT_THAT(reply_to(serving, "POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n"),
              HasSubstr("HTTP/1.1 413 "));
  EXPECT_THAT(reply_to(serving, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n" +
                                    std::string(2 << 20, 'x')),
              HasSubstr("HTTP/1.1 413 "));
  const auto whole = serving.client().call("POST", "/", std::string(1 << 20, 'x'), 5s);
  EXPECT_EQ(whole->status, 200U);
  EXPECT_EQ(serving.handled, 1);
}

TEST(Hostile, AChunkExtensionWithoutAnEndIsRefused) {
  Serving serving;
  const std::string reply =
      reply_to(serving, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                            std::string(200'000, 'x'));
  EXPECT_THAT(reply, HasSubstr("HTTP/1.1 4"));
  expect_alive(serving);
}

TEST(Hostile, ASlowRequestIsEndedAndToldSo) {
  Limits limits;
  limits.request = 200ms;
  Serving serving(limits);
  Raw raw(serving.path());
  raw.send("GET / HTT");
  const std::string reply = raw.receive_all();
  EXPECT_THAT(reply, HasSubstr("HTTP/1.1 408 "));
  Raw drip(serving.path());
  const auto begin = std::chrono::steady_clock::now();
  drip.send("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n");
  while (drip.send("x") && std::chrono::steady_clock::now() - begin < 5s)
    std::this_thread::sleep_for(20ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s) << "each byte bought more time";
  expect_alive(serving);
}

TEST(Hostile, AnIdleConnectionIsEndedWithoutAWord) {
  Limits limits;
  limits.idle = 200ms;
  Serving serving(limits);
  Raw raw(serving.path());
  EXPECT_EQ(raw.receive_all(), "");
  EXPECT_TRUE(raw.ended());
  Raw used(serving.path());
  used.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(used.receive("root\""), HasSubstr("200"));
  EXPECT_EQ(used.receive_all(), "");
  EXPECT_TRUE(used.ended());
}

TEST(Hostile, AReplyThatNobodyReadsIsGivenUp) {
  Limits limits;
  limits.write = 300ms;
  limits.connections = 1;
  const std::string large(8 << 20, 'x');
  Serving serving(limits, [&](Request request, Respond respond) {
    respond(reply_of(200, request.path == "/large" ? large : "{}"));
  });
  Raw raw(serving.path());
  raw.send("GET /large HTTP/1.1\r\n\r\n");
  const auto until = std::chrono::steady_clock::now() + 5s;
  unsigned status = 0;
  while (status != 200 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(50ms);
    status = serving.client().call("GET", "/small", "", 5s)->status;  // the one place is free again
  }
  EXPECT_EQ(status, 200U);
}

TEST(Hostile, ARequestThatIsCutOffIsNotHandled) {
  Serving serving;
  for (const char* text : {"", "GET / HT", "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf"}) {
    Raw raw(serving.path());
    raw.send(text);
    raw.end_of_writing();
    EXPECT_THAT(raw.receive_all(), Not(HasSubstr("200"))) << text;
    EXPECT_TRUE(raw.ended());
  }
  Raw gone(serving.path());
  gone.send("GET / HTTP/1.1\r\n\r\n");
  gone.close();
  expect_alive(serving);
}

TEST(Hostile, OneConnectionTooManyIsToldSo) {
  Limits limits;
  limits.connections = 4;
  Serving serving(limits);
  std::vector<std::unique_ptr<Raw>> open;
  for (int i = 0; i < 4; ++i) {
    open.push_back(std::make_unique<Raw>(serving.path()));
    open.back()->send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_THAT(open.back()->receive("root\""), HasSubstr("200"));
  }
  const auto reply = serving.client().call("GET", "/", "", 5s);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_EQ(reply->status, 503U);
  EXPECT_THAT(reply->body, HasSubstr("too_many_connections"));
  open.clear();
  unsigned status = 0;
  for (int i = 0; i < 100 && status != 200; ++i) {
    std::this_thread::sleep_for(20ms);
    status = serving.client().call("GET", "/", "", 5s)->status;
  }
  EXPECT_EQ(status, 200U);
}

TEST(Hostile, ManyAtOnceAreAllAnswered) {
  Serving serving;
  std::vector<std::future<unsigned>> all;
  for (int i = 0; i < 40; ++i) {
    all.push_back(std::async(std::launch::async, [&] {
      const auto reply = serving.client().call("GET", "/", "", 20s);
      return reply ? reply->status : 0U;
    }));
  }
  for (auto& each : all) EXPECT_EQ(each.get(), 200U);
}

}  // namespace
}  // namespace trainstop::control
