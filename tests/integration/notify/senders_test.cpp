// What carries messages: receivers that take them, refuse, hang and lie, and programs that do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "integration/notify/loop.hpp"
#include "notify/message.hpp"
#include "notify/sender.hpp"
#include "support/receiver.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::notify {
namespace {

using namespace std::chrono_literals;
using test::Received;
using test::Receiver;
using test::Reply;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Outcome = Sent::Outcome;

struct Sending : testing::Test {
  Sent send(const std::shared_ptr<Sender>& sender, Message message = {"1-2", "stop.sent", "{}"}) {
    std::optional<Sent> result;
    sender->send(std::move(message), [&](const Sent& sent) {
      EXPECT_FALSE(result) << "answered twice";
      result = sent;
    });
    EXPECT_TRUE(run_until(loop, [&] { return result.has_value(); }));
    return result.value_or(Sent{});
  }
  std::shared_ptr<Sender> web(WebOptions options) {
    auto sender = make_web_sender(loop.get_executor(), net::make_resolver(loop.get_executor()),
                                  std::move(options));
    if (sender.has_error()) throw std::runtime_error(sender.error().message);
    return std::move(sender).value();
  }
  std::shared_ptr<Sender> web(const std::string& url, Duration limit = 10s) {
    WebOptions options;
    options.url = url;
    options.time_limit = limit;
    return web(std::move(options));
  }
  Sent answered_with(const Reply& reply, Duration limit = 10s) {
    Receiver receiver([&](const Received&) { return reply; });
    return send(web(receiver.url(), limit));
  }
  std::shared_ptr<Sender> shell(const std::string& script, Duration limit = 10s) {
    return make_exec_sender(loop.get_executor(), {"/bin/sh", "-c", script}, limit);
  }

  boost::asio::io_context loop;
};

TEST_F(Sending, AWebhookGetsTheBodyItsIdAndItsSignature) {
  Receiver receiver;
  WebOptions options;
  options.url = receiver.url("/services/T0/?x=1&y=%20");
  options.hmac = "Jefe";
  const std::string body = "what do ya want for nothing?";
  EXPECT_EQ(send(web(std::move(options)), {"42-7", "rule.warned", body}).outcome,
            Outcome::delivered);
  const auto all = receiver.all();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].method, "POST");
  EXPECT_EQ(all[0].target, "/services/T0/?x=1&y=%20") << "to the letter, with its last slash";
  EXPECT_EQ(all[0].body, body);
  auto headers = all[0].headers;
  EXPECT_EQ(headers["content-type"], "application/json");
  EXPECT_EQ(headers["x-trainstop-id"], "42-7");
  EXPECT_EQ(headers["x-trainstop-event"], "rule.warned");
  EXPECT_EQ(headers["x-trainstop-signature"],
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_F(Sending, WithoutAKeyThereIsNoSignatureAndAHeartbeatIsAGet) {
  Receiver receiver;
  EXPECT_EQ(send(web(receiver.url())).outcome, Outcome::delivered);
  WebOptions options;
  options.url = receiver.url("/beat?token=1");
  options.get = true;
  EXPECT_EQ(send(web(std::move(options)), Message{}).outcome, Outcome::delivered);
  const auto all = receiver.all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_FALSE(all[0].headers.contains("x-trainstop-signature"));
  EXPECT_EQ(all[1].method, "GET");
  EXPECT_EQ(all[1].target, "/beat?token=1");
  EXPECT_FALSE(all[1].headers.contains("x-trainstop-id"));
}

TEST_F(Sending, AnswersAreToldApart) {
  for (const int code : {200, 202, 204}) {
    EXPECT_EQ(answered_with(test::status(code)).outcome, Outcome::delivered) << code;
  }
  for (const int code : {400, 401, 404, 410}) {
    EXPECT_EQ(answered_with(test::status(code)).outcome, Outcome::refused) << code;
  }
  for (const int code : {302, 408, 429, 500, 503}) {
    EXPECT_EQ(answered_with(test::status(code)).outcome, Outcome::failed) << code;
  }
  const Sent limited = answered_with(test::status(429, "Retry-After: 7\r\n"));
  EXPECT_EQ(limited.retry_after, 7s);
  EXPECT_EQ(limited.problem, "it answers with 429");
}

TEST_F(Sending, ARedirectIsNotFollowed) {
  Receiver elsewhere;
  const Sent sent = answered_with(test::status(307, "Location: " + elsewhere.url() + "\r\n"));
  EXPECT_EQ(sent.outcome, Outcome::failed);
  EXPECT_EQ(sent.problem, "it answers with 307, a redirect, which is not followed");
  EXPECT_TRUE(elsewhere.all().empty());
}

TEST_F(Sending, OneThatHangsIsGivenUpInTime) {
  Reply never;
  never.hang = true;
  const auto begin = std::chrono::steady_clock::now();
  const Sent sent = answered_with(never, 300ms);
  EXPECT_EQ(sent.outcome, Outcome::failed);
  EXPECT_THAT(sent.problem, HasSubstr("timed out"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(Sending, OneThatTalksNonsenseHasNotTakenIt) {
  for (const char* bytes : {"", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n"}) {
    Reply reply;
    reply.bytes = bytes;
    reply.hang = reply.bytes.size() > 12;
    EXPECT_EQ(answered_with(reply, 500ms).outcome, Outcome::failed) << bytes;
  }
}

TEST_F(Sending, OneThatTakesItAndNeverStopsTalkingIsNotToldAgain) {
  Reply endless;
  endless.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n";
  endless.forever = std::string(4096, 'x');
  EXPECT_EQ(answered_with(endless).outcome, Outcome::delivered);
  Reply cut;
  cut.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok";
  cut.hang = true;
  EXPECT_EQ(answered_with(cut, 300ms).outcome, Outcome::delivered);
}

TEST_F(Sending, OneThatIsNotThereIsAFailureThatDoesNotNameIt) {
  std::string url;
  {
    Receiver receiver;
    url = receiver.url("/secret-path");
  }
  const Sent gone = send(web(url));
  EXPECT_EQ(gone.outcome, Outcome::failed);
  EXPECT_THAT(gone.problem, AllOf(HasSubstr("refused"), Not(HasSubstr("secret-path"))));
  const Sent unknown = send(web("https://secret-host.invalid/x", 2s));
  EXPECT_EQ(unknown.outcome, Outcome::failed);
  EXPECT_THAT(unknown.problem, Not(HasSubstr("secret-host")));
}

TEST_F(Sending, AUrlThatCantBeUsedIsRefusedWithoutNamingIt) {
  for (const char* url : {"", "hooks.secret.example/x", "http://secret.example/x",
                          "https://secret.example/x#y", "https://secret.example/x?a#y",
                          "https://u:p@secret.example/", "https://secret.example/ x"}) {
    WebOptions options;
    options.url = url;
    const auto sender =
        make_web_sender(loop.get_executor(), net::make_resolver(loop.get_executor()), options);
    ASSERT_TRUE(sender.has_error()) << url;
    EXPECT_THAT(sender.error().message, AllOf(StartsWith("the URL "), Not(HasSubstr("secret"))));
  }
}

TEST_F(Sending, AProgramGetsTheBodyOnItsInputAndPathAlone) {
  const test::TempDir directory;
  ::setenv("TRAINSTOP_TEST_SECRET", "hidden", 1);
  const auto out = (directory.path() / "out").string();
  // dash sets PWD by itself.
  EXPECT_EQ(
      send(shell("unset PWD OLDPWD; { cat; echo; env | cut -d= -f1 | grep -v '^_'; } > " + out),
           {"1-2", "stop.sent", std::string(200'000, 'x')})
          .outcome,
      Outcome::delivered);
  EXPECT_EQ(test::read_file(out), std::string(200'000, 'x') + "\nPATH\n");
}

TEST_F(Sending, AProgramHasNoneOfOurDescriptorsAndNoShell) {
  const test::TempDir directory;
  const auto out = (directory.path() / "out").string();
  EXPECT_EQ(send(shell("ls /proc/self/fd | wc -w > " + out)).outcome, Outcome::delivered);
  EXPECT_EQ(test::read_file(out), "4\n") << "three streams, and the directory that ls reads";
  const auto sender = make_exec_sender(loop.get_executor(), {"/bin/echo", "; exit 3", "$(false)"});
  EXPECT_EQ(send(sender).outcome, Outcome::delivered);
}

TEST_F(Sending, AProgramThatFailsSaysHow) {
  const Sent sent = send(shell("echo no pager >&2; cat >/dev/null; exit 3"));
  EXPECT_EQ(sent.outcome, Outcome::failed);
  EXPECT_EQ(sent.problem, "it exits with 3: no pager\n");
  EXPECT_EQ(send(shell("kill -9 $$")).problem, "signal 9 ended it");
  const auto missing = make_exec_sender(loop.get_executor(), {"/nowhere/page"});
  EXPECT_EQ(send(missing).problem, "it can't be started: No such file or directory");
}

TEST_F(Sending, AProgramThatComplainsWithoutEndIsRead) {
  const Sent sent = send(shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1"));
  EXPECT_EQ(sent.problem, "it exits with 1: " + std::string(200, 'x'));
}

TEST_F(Sending, AProgramThatHangsIsKilledWithItsChildren) {
  const test::TempDir directory;
  const auto file = (directory.path() / "pid").string();
  const auto begin = std::chrono::steady_clock::now();
  const Sent sent = send(shell("sleep 1000 & echo $! > " + file + "; wait", 500ms));
  EXPECT_EQ(sent.outcome, Outcome::failed);
  EXPECT_EQ(sent.problem, "it was killed after 500ms");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  const pid_t child = std::stoi(test::read_file(file));
  const auto is_gone = [&] {
    if (::kill(child, 0) != 0) return true;
    return test::read_file("/proc/" + std::to_string(child) + "/stat").find(" Z ") !=
           std::string::npos;
  };
  EXPECT_TRUE(run_until(loop, is_gone, 5s));
}

TEST_F(Sending, AProgramThatLeavesAChildBehindIsDelivered) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(send(shell("sleep 5 & exit 0")).outcome, Outcome::delivered);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
}

TEST_F(Sending, AfterTheEndNothingIsAnswered) {
  Reply never;
  never.hang = true;
  Receiver receiver([&](const Received&) { return never; });
  bool answered = false;
  const auto note = [&](const Sent&) { answered = true; };
  const auto sender = web(receiver.url());
  const auto program = shell("sleep 1000");
  sender->send({"1-2", "stop.sent", "{}"}, note);
  program->send({"1-2", "stop.sent", "{}"}, note);
  ASSERT_TRUE(run_until(loop, [&] { return receiver.all().size() == 1; }));
  sender->close();
  program->close();
  loop.run_for(5s);
  EXPECT_TRUE(loop.stopped()) << "something still waits";
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace trainstop::notify
