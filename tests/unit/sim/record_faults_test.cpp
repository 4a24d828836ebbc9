#include "unit/sim/fixture.hpp"

namespace trainstop::sim {
namespace {

class RecordFaults : public SimTest {
 protected:
  void list_fault(FaultKind kind, std::vector<std::string> jobs = {}, std::string body = "") {
    server.clear_faults();
    Fault fault;
    fault.kind = kind;
    fault.count = kAlways;
    fault.jobs = std::move(jobs);
    fault.body = std::move(body);
    server.add_fault(fault);
  }
};

TEST_F(RecordFaults, Lists_can_be_empty_partial_and_without_certain_jobs) {
  list_fault(FaultKind::empty_list);
  EXPECT_EQ(ids(search()), "");
  EXPECT_EQ(status_of(read()), kRunning);
  EXPECT_EQ(call("GET", "/v1/training_projects").body(), R"({"training_projects":[]})");
  list_fault(FaultKind::partial_list);
  EXPECT_EQ(ids(search()), "j2");
  list_fault(FaultKind::partial_list, {"j1"});
  EXPECT_EQ(ids(search()), "j1");
  list_fault(FaultKind::hidden_jobs, {"j1"});
  EXPECT_EQ(ids(search()), "j2");
  server.clear_faults();
  EXPECT_EQ(ids(search()), "j2,j1");
}

TEST_F(RecordFaults, A_stale_list_and_read_show_what_was_true_when_the_fault_was_added) {
  list_fault(FaultKind::stale_list);
  server.set_status("j1", kCompleted);
  EXPECT_EQ(search().body().find(kCompleted), std::string::npos);
  EXPECT_EQ(status_of(read()), kRunning);
  server.clear_faults();
  EXPECT_EQ(status_of(read()), kCompleted);
}

TEST_F(RecordFaults, Records_can_come_twice_and_contradict_themselves) {
  list_fault(FaultKind::duplicate_records);
  EXPECT_EQ(ids(search()), "j2,j2,j1,j1");
  list_fault(FaultKind::duplicate_records, {"j1"}, kCompleted);
  const auto reply = search();
  EXPECT_EQ(ids(reply), "j2,j1,j1");
  const auto jobs = json(reply).at("training_jobs");
  EXPECT_EQ(jobs.at(1).at("current_status").as_string(), kRunning);
  EXPECT_EQ(jobs.at(2).at("current_status").as_string(), kCompleted);
}

TEST_F(RecordFaults, Unusable_records_stand_before_the_true_ones) {
  list_fault(FaultKind::malformed_records);
  const auto jobs = json(search()).at("training_jobs").as_array();
  ASSERT_GT(jobs.size(), 5U);
  EXPECT_EQ(jobs.back().at("id").as_string(), "j1");
  EXPECT_FALSE(json(read()).at("training_job").as_object().contains("current_status"));
  list_fault(FaultKind::malformed_records, {"j2"});
  const auto marked = json(search()).at("training_jobs").as_array();
  ASSERT_EQ(marked.size(), 2U);
  EXPECT_FALSE(marked[0].as_object().contains("current_status"));
  EXPECT_TRUE(marked[1].as_object().contains("current_status"));
}

TEST_F(RecordFaults, Keys_can_come_twice) {
  list_fault(FaultKind::duplicate_keys, {}, R"("current_status":"TRAINING_JOB_COMPLETED")");
  // Boost.JSON takes the last, as the trap has it.
  EXPECT_EQ(status_of(read()), kCompleted);
  EXPECT_NE(read().body().find(kRunning), std::string::npos);
}

TEST_F(RecordFaults, Numbers_can_be_beyond_a_double) {
  list_fault(FaultKind::huge_numbers);
  EXPECT_NE(read().body().find(R"("node_count":1e400)"), std::string::npos);
  EXPECT_NE(call("GET", kPrices).body().find(R"("price":1e400)"), std::string::npos);
}

TEST_F(RecordFaults, Bodies_can_break_the_rules_of_JSON) {
  for (const auto kind :
       {FaultKind::bad_utf8, FaultKind::bom, FaultKind::trailing_data, FaultKind::deep_nesting}) {
    list_fault(kind);
    for (const auto& reply : {search(), read(), call("GET", kPrices), stop()}) {
      EXPECT_EQ(reply.status(), 200U) << to_string(kind);
      EXPECT_THROW(json(reply), boost::system::system_error) << to_string(kind);
    }
  }
}

TEST_F(RecordFaults, A_read_can_show_another_job) {
  list_fault(FaultKind::other_job);
  EXPECT_EQ(json(read()).at("training_job").at("id").as_string(), "another");
}

TEST_F(RecordFaults, Prices_can_be_absurd) {
  const auto price = [&](FaultKind kind) {
    list_fault(kind);
    const std::string body = call("GET", kPrices).body();
    const auto at = body.find(R"("price":)");
    return at == std::string::npos ? "none" : body.substr(at + 8, body.find('}', at) - at - 8);
  };
  EXPECT_EQ(price(FaultKind::prices_zero), "0");
  EXPECT_EQ(price(FaultKind::prices_negative), "-0.86667");
  EXPECT_EQ(price(FaultKind::prices_thousandfold), "866.67");
  EXPECT_EQ(price(FaultKind::prices_untyped), R"("0.86667 USD")");
  EXPECT_EQ(price(FaultKind::prices_missing), "none");
  EXPECT_EQ(price(FaultKind::empty_list), "none");
  EXPECT_EQ(price(FaultKind::partial_list), "none");
  list_fault(FaultKind::partial_list, {"H100:8x80"});
  EXPECT_NE(call("GET", kPrices).body().find(R"("price":0.86667})"), std::string::npos);
  server.clear_faults();
  server.set_price("H100:8x80", "1.5");
  EXPECT_NE(call("GET", kPrices).body().find(R"("price":1.5})"), std::string::npos);
}

}  // namespace
}  // namespace trainstop::sim
