// What a well-behaved client gets.
#include "control/server.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <optional>

#include "serving.hpp"

namespace trainstop::control {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Server, AnswersWithTheHandlersReplyAndKnowsWhoAsks) {
  Serving serving;
  const auto reply = serving.client().call("GET", "/v1/status?jobs=3", "", 5s);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_EQ(reply->status, 200U);
  EXPECT_EQ(reply->body, "\"GET /v1/status 0 root\"");
  EXPECT_EQ(serving.client().call("POST", "/v1/stop", R"({"a":1})", 5s)->body,
            "\"POST /v1/stop 7 root\"");
}

TEST(Server, DecodesTheQueryAndLeavesThePath) {
  std::vector<std::pair<std::string, std::string>> query;
  std::string path;
  Serving serving({}, [&](Request request, Respond respond) {
    query = request.query;
    path = request.path;
    respond(reply_of(200, "{}"));
  });
  serving.client().call("GET", "/v1/jobs/a%2Fb?x=1%202&y", "", 5s).value();
  EXPECT_EQ(path, "/v1/jobs/a%2Fb");
  ASSERT_EQ(query.size(), 2U);
  EXPECT_EQ(query[0], (std::pair<std::string, std::string>("x", "1 2")));
  EXPECT_EQ(query[1].first, "y");
}

TEST(Server, KeepsAConnectionForTheNextRequest) {
  Serving serving;
  Raw raw(serving.path());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(raw.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_THAT(raw.receive("root\""), HasSubstr("HTTP/1.1 200 OK\r\n"));
  }
  raw.send("GET /last HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(raw.receive_all(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(raw.ended());
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
  Serving serving;
  Raw raw(serving.path());
  raw.send(
      "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /3 "
      "HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string all = raw.receive_all();
  EXPECT_EQ(count_of(all, "200 OK"), 3U);
  EXPECT_LT(all.find("GET /1 0"), all.find("POST /2 3"));
  EXPECT_LT(all.find("POST /2 3"), all.find("GET /3 0"));
}

TEST(Server, TakesARequestInTheSmallestPieces) {
  Serving serving;
  Raw raw(serving.path());
  for (const char c : std::string("POST /p HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody"))
    ASSERT_TRUE(raw.send(std::string(1, c)));
  EXPECT_THAT(raw.receive("root\""), HasSubstr("POST /p 4"));
}

TEST(Server, TakesAChunkedBodyAndSaysContinue) {
  Serving serving;
  Raw raw(serving.path());
  raw.send("POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(raw.receive("\r\n\r\n"), HasSubstr("HTTP/1.1 100 Continue"));
  raw.send("3\r\nabc\r\n0\r\n\r\n");
  EXPECT_THAT(raw.receive("root\""), HasSubstr("POST /p 3"));
}

TEST(Server, RefusesOtherMethodsWithTheirNames) {
  Serving serving;
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "BREW"}) {
    Raw raw(serving.path());
    raw.send(std::string(method) + " / HTTP/1.1\r\n\r\n");
    const std::string reply = raw.receive_all();
    EXPECT_THAT(reply, HasSubstr("HTTP/1.1 405 "));
    EXPECT_THAT(reply, HasSubstr("Allow: GET, POST\r\n"));
    EXPECT_THAT(reply, HasSubstr(R"({"error":{"code":"no_such_method")"));
  }
  Raw raw(serving.path());
  raw.send("HEAD / HTTP/1.1\r\n\r\n");
  const std::string reply = raw.receive_all();
  EXPECT_THAT(reply, HasSubstr("HTTP/1.1 405 "));
  EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << "a reply to HEAD has no body";
  EXPECT_EQ(serving.handled, 0);
}

TEST(Server, MakesTheTextOfAReplyInATurnOfItsOwn) {
  std::atomic<bool> answering = false, apart = false;
  Serving serving({}, [&](Request, Respond respond) {
    answering = true;
    respond({200,
             [&] {
               apart = !answering;
               return std::string("{}");
             },
             ""});
    answering = false;
  });
  serving.client().call("GET", "/v1/status", "", 5s).value();
  EXPECT_TRUE(apart);
}

TEST(Server, WaitsForAnAnswerThatComesLaterFromTheLoop) {
  std::optional<Respond> waiting;
  Serving serving({}, [&](Request, Respond respond) { waiting = std::move(respond); });
  auto reply = std::async(std::launch::async,
                          [&] { return serving.client().call("POST", "/v1/stop", "{}", 5s); });
  bool is_there = false;
  while (!is_there) serving.on_loop([&] { is_there = waiting.has_value(); });
  serving.on_loop([&] {
    (*waiting)(reply_of(409, R"({"error":{}})"));
    (*waiting)(reply_of(200, "a second answer counts for nothing"));
  });
  EXPECT_EQ(reply.get()->status, 409U);
}

TEST(Server, SaysThatThereIsNoAnswerYet) {
  Limits limits;
  limits.answer = 100ms;
  std::optional<Respond> late;
  Serving serving(limits, [&](Request request, Respond respond) {
    if (request.path == "/late") {
      late = std::move(respond);
    } else {
      respond(reply_of(200, "{}"));
    }
  });
  Raw raw(serving.path());
  raw.send("POST /late HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(raw.receive("}}"), HasSubstr("HTTP/1.1 504 "));
  serving.on_loop([&] { (*late)(reply_of(200, "\"too late\"")); });
  raw.send("GET /next HTTP/1.1\r\n\r\n");
  const std::string next = raw.receive("{}");
  EXPECT_THAT(next, HasSubstr("200 OK"));
  EXPECT_THAT(next, Not(HasSubstr("too late")));
}

TEST(Server, TellsWhoeverStillWaitsThatItEnds) {
  std::optional<Respond> waiting;
  std::atomic<bool> came{false};
  Serving serving({}, [&](Request, Respond respond) {
    waiting = std::move(respond);
    came = true;
  });
  Raw raw(serving.path());
  Raw idle(serving.path());
  raw.send("POST /v1/stop HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  while (!came) std::this_thread::yield();
  serving.close();
  const std::string reply = raw.receive_all();
  EXPECT_THAT(reply, HasSubstr("HTTP/1.1 503 "));
  EXPECT_THAT(reply, HasSubstr("\"ending\""));
  EXPECT_EQ(idle.receive_all(), "");
  EXPECT_TRUE(idle.ended());
  EXPECT_FALSE(std::filesystem::exists(serving.path()));
}

}  // namespace
}  // namespace trainstop::control
