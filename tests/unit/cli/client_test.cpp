// Which socket a command uses, and what a request that did not work ends with.
#include "cli/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cerrno>
#include <cstdlib>

#include "cli/hand.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::cli {
namespace {

using testing::HasSubstr;

class SocketTest : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("TRAINSTOP_SOCKET"); }
  void TearDown() override { ::unsetenv("TRAINSTOP_SOCKET"); }

  std::string find(const std::string& config) {
    note_.clear();
    return find_socket({"", directory_.write("trainstop.yaml", config).string()}, note_).string();
  }

  test::TempDir directory_;
  std::string note_;
};

TEST_F(SocketTest, IsTheOptionThenTheEnvironmentThenTheConfiguration) {
  EXPECT_EQ(find("control: {socket: /run/a.sock}\n"), "/run/a.sock");
  EXPECT_EQ(find("control:\n  group: ops\n  socket: /run/b.sock\n"), "/run/b.sock");
  ::setenv("TRAINSTOP_SOCKET", "/run/c.sock", 1);
  EXPECT_EQ(find("control: {socket: /run/a.sock}\n"), "/run/c.sock");
  EXPECT_EQ(find_socket({"/run/d.sock", "/nonexistent"}, note_), "/run/d.sock");
  EXPECT_EQ(note_, "");
}

TEST_F(SocketTest, IsFoundInAConfigurationThatIsWrong) {
  EXPECT_EQ(find("mode: enforc\ncontrol: {socket: /run/a.sock}\nrules: [{nome: x}]\n"),
            "/run/a.sock");
  EXPECT_EQ(find("control: {socket: /run/a.sock}\nrules:\n  - {name: [}\n"), "/run/a.sock");
  EXPECT_EQ(find("rules:\n\t- x: [\ncontrol: {socket: /run/a.sock}\n"), "/run/a.sock");
  EXPECT_EQ(note_, "");
}

TEST_F(SocketTest, IsTheDefaultAndSaysWhyWhenItCannotBeFound) {
  const std::string standard = "/run/trainstop/control.sock";
  EXPECT_EQ(find("mode: observe\n"), standard);
  EXPECT_EQ(find("control: {group: ops}\n"), standard);
  EXPECT_EQ(note_, "");
  EXPECT_EQ(find("control: {socket: [a]}\n"), standard);
  EXPECT_THAT(note_, HasSubstr("'socket' is no path"));
  EXPECT_EQ(find_socket({"", "/nonexistent/trainstop.yaml"}, note_), standard);
  EXPECT_THAT(note_, HasSubstr("there is no such file"));
}

int code_of(unsigned status, const char* body, int trouble = 0) {
  Asked asked;
  asked.status = status;
  asked.body = boost::json::parse(body);
  asked.trouble = trouble;
  asked.message = "why";
  return failed(asked);
}

TEST(Asked, EachWayNotToWorkHasItsExitCode) {
  EXPECT_EQ(code_of(0, "null", ENOENT), 69);
  EXPECT_EQ(code_of(0, "null", ETIMEDOUT), 69);
  EXPECT_EQ(code_of(0, "null", EACCES), 77);
  EXPECT_EQ(code_of(503, "{}"), 69);
  EXPECT_EQ(code_of(504, "{}"), 69);
  EXPECT_EQ(code_of(400, "{}"), 2);
  EXPECT_EQ(code_of(404, R"({"error":{"code":"no_such_job"}})"), 3);
  EXPECT_EQ(code_of(409, R"({"error":{"code":"refused"}})"), 1);
  EXPECT_EQ(code_of(501, "[]"), 1);
}

TEST(Asked, CandidatesArePrintedWithoutWhatActsOnATerminal) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(code_of(409, R"({"error":{"code":"ambiguous","candidates":["a/b","c/\u001b[2J"]}})"),
            5);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "why\n  a/b\n  c/\\u001b[2J\n");
}

TEST(Asked, TargetsAreEncoded) {
  EXPECT_EQ(encoded("acct/p7qr9qv"), "acct%2Fp7qr9qv");
  EXPECT_EQ(encoded("https://x/ü?#"), "https%3A%2F%2Fx%2F%C3%BC%3F%23");
}

TEST(Hand, SecondsAreWholeWhereTheyAre) {
  EXPECT_EQ(seconds(std::chrono::hours(2)), boost::json::value(7200));
  EXPECT_EQ(seconds(std::chrono::milliseconds(1500)), boost::json::value(1.5));
}

}  // namespace
}  // namespace trainstop::cli
