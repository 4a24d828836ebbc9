// The program trainstop-sim: its options, its admin endpoints, its end.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <cstdint>
#include <string>

#include "support/child.hpp"
#include "support/pki.hpp"
#include "support/raw_http.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 20s;

class SimProgram : public testing::Test {
 protected:
  ChildOptions options() {
    ChildOptions options;
    options.command = {SIM_PROGRAM,
                       "--scenario",
                       directory.write("scenario.json", R"({"jobs":[{"id":"j1"}]})").string(),
                       "--pki",
                       (directory.path() / "pki").string(),
                       "--port-file",
                       (directory.path() / "port").string(),
                       "--key",
                       "k"};
    return options;
  }
  RawReply call(const std::string& method, const std::string& target,
                const std::string& body = "") {
    const auto port = static_cast<std::uint16_t>(std::stoul(read_file(directory.path() / "port")));
    RawHttp client(port, read_file(directory.path() / "pki" / "ca.pem"));
    client.send(request_bytes(method, target, body, "k"));
    return client.receive(kLong);
  }
  static bool listens(const std::string& out) {
    return out.find("listening on https://127.0.0.1:") != std::string::npos && out.ends_with('\n');
  }
  TempDir directory;
};

TEST_F(SimProgram, Serves_its_scenario_until_it_is_told_to_end) {
  Child child(options());
  ASSERT_TRUE(child.wait_for_out(listens, kLong)) << child.err();
  EXPECT_EQ(call("GET", "/v1/training_projects/proj1/jobs/j1").status(), 200U);
  child.send_signal(SIGTERM);
  const auto ending = child.wait(kLong);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited);
  EXPECT_EQ(ending->code, 0);
}

TEST_F(SimProgram, The_admin_endpoints_move_and_tell_the_truth) {
  Child child(options());
  ASSERT_TRUE(child.wait_for_out(listens, kLong)) << child.err();
  EXPECT_EQ(call("POST", "/_sim/job", R"({"id":"j2"})").status(), 200U);
  EXPECT_EQ(call("POST", "/_sim/status", R"({"job":"j2","status":"TRAINING_JOB_FAILED"})").status(),
            200U);
  EXPECT_EQ(call("POST", "/_sim/status", R"({"job":"j3","status":"X"})").status(), 400U);
  const auto fault = call("POST", "/_sim/fault", R"({"kind":"not_found"})");
  EXPECT_EQ(fault.body(), R"({"fault":0})");
  EXPECT_EQ(call("GET", "/v1/users/me").status(), 404U);
  EXPECT_EQ(call("GET", "/v1/users/me").status(), 200U);
  const auto truth = boost::json::parse(call("GET", "/_sim/truth").body());
  EXPECT_EQ(truth.at("jobs").at("j2").at("status").as_string(), "TRAINING_JOB_FAILED");
  EXPECT_EQ(truth.at("request_count").as_int64(), 2);
  EXPECT_EQ(truth.at("requests").at(0).at("fault").as_string(), "not_found");
}

TEST_F(SimProgram, Wrong_use_ends_with_words) {
  ChildOptions wrong = options();
  wrong.command[2] = (directory.path() / "missing.json").string();
  const Ran ran = run(wrong, kLong);
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_NE(ran.err.find("cannot read"), std::string::npos);
}

}  // namespace
}  // namespace trainstop::test
