#include "support/child.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include "support/temp_dir.hpp"

namespace trainstop::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 20s;

ChildOptions shell(const std::string& script) {
  ChildOptions options;
  options.command = {"sh", "-c", script};
  return options;
}

TEST(ChildTest, Output_and_exit_code_are_captured) {
  const Ran ran = run(shell("echo out; echo err >&2; exit 3"), kLong);
  EXPECT_TRUE(ran.ending.exited);
  EXPECT_EQ(ran.ending.code, 3);
  EXPECT_EQ(ran.out, "out\n");
  EXPECT_EQ(ran.err, "err\n");
}

TEST(ChildTest, Input_environment_and_directory_are_given) {
  const TempDir directory;
  ChildOptions options = shell("cat; echo $ADDED-$HOME; pwd");
  options.input = "in ";
  options.environment["ADDED"] = "yes";
  options.unset = {"HOME"};
  options.working_directory = directory.path();
  EXPECT_EQ(run(options, kLong).out, "in yes-\n" + directory.path().string() + "\n");
}

TEST(ChildTest, A_signal_reaches_the_child_and_its_end_tells_which) {
  Child child(shell("echo ready; exec sleep 1000"));
  ASSERT_TRUE(child.wait_for_out([](const std::string& out) { return out == "ready\n"; }, kLong));
  EXPECT_FALSE(child.wait(1ms));
  child.send_signal(SIGTERM);
  const auto ending = child.wait(kLong);
  ASSERT_TRUE(ending);
  EXPECT_FALSE(ending->exited);
  EXPECT_EQ(ending->signal, SIGTERM);
}

TEST(ChildTest, A_running_child_ends_with_its_object) {
  pid_t pid = 0;
  {
    const Child child(shell("exec sleep 1000"));
    pid = child.pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(ChildTest, Output_that_nobody_reads_blocks_the_child) {
  ChildOptions options = shell("echo begun >&2; yes; echo never >&2");
  options.read_out = false;
  Child child(options);
  ASSERT_TRUE(child.wait_for_err([](const std::string& err) { return err == "begun\n"; }, kLong));
  EXPECT_FALSE(child.wait(100ms));
  EXPECT_EQ(child.out(), "");
}

TEST(ChildTest, A_program_that_is_not_there_exits_with_127) {
  ChildOptions options;
  options.command = {"no-such-program-anywhere"};
  EXPECT_EQ(run(options, kLong).ending.code, 127);
}

TEST(ChildTest, A_child_that_takes_too_long_is_an_error) {
  EXPECT_THROW(run(shell("exec sleep 1000"), 50ms), std::runtime_error);
}

}  // namespace
}  // namespace trainstop::test
