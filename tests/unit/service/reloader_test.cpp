// Another configuration for a daemon that runs, without the daemon: what is refused, and what is
// told.
#include "service/reloader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/temp_dir.hpp"

namespace trainstop::service {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = core::Answer::Outcome;

constexpr const char* kHead = "mode: enforce\naccounts: [{name: a, api_key: {env: KEY}}]\n";
constexpr const char* kAge = "rules: [{name: old, when: {age: 1d}}]\n";
constexpr const char* kBudget = "rules: [{name: day, budget: {limit: $5, per: day}}]\n";

class Reloading : public testing::Test {
 protected:
  Reloading() {
    write(std::string(kHead) + kAge);
    config_ = *policy::read_config_file(file()).config;
    Reloader::Parts parts;
    parts.file = file();
    parts.directory = directory_.path() / "state";
    parts.config = [this]() -> const policy::Config& { return config_; };
    parts.journal_is_whole = [] { return true; };
    parts.utc_now = [] { return Instant{}; };
    parts.tell = [this](Event event) { told_.push_back(std::move(event)); };
    parts.busy = [this](bool busy) { busy_.push_back(busy); };
    parts.post = [this](core::Fact fact) { posted_.push_back(std::move(fact)); };
    parts.expect = [this](Desk::Answered answered) {
      expected_.push_back(std::move(answered));
      return expected_.size();
    };
    parts.prepare = [this](const policy::Config& config) {
      prepared_.push_back(config.hash);
      return Result<void>();
    };
    parts.loaded = [this](std::shared_ptr<const policy::Config> config, std::vector<std::string>) {
      config_ = *config;
    };
    reloader_ = std::make_unique<Reloader>(context_.get_executor(), std::move(parts));
  }
  ~Reloading() override { reloader_->close(); }

  std::filesystem::path file() const { return directory_.path() / "trainstop.yaml"; }
  void write(const std::string& text) { directory_.write("trainstop.yaml", text); }
  void reload() {
    reloader_->reload({}, "ana", [this](core::Answer answer) { answers_.push_back(answer); });
  }
  /// Serves the loop until that many answers or facts are there.
  void serve_until(std::size_t answers, std::size_t facts) {
    const auto work = boost::asio::make_work_guard(context_);
    while (answers_.size() < answers || posted_.size() < facts) {
      if (context_.run_one_for(std::chrono::seconds(20)) == 0) FAIL() << "nothing came";
    }
  }
  /// What the core says of the last fact.
  void core_says(Outcome outcome) { expected_.back()({0, outcome, "so it says", {}}); }

  test::TempDir directory_;
  boost::asio::io_context context_;
  policy::Config config_;
  std::vector<Event> told_;
  std::vector<core::Fact> posted_;
  std::vector<Desk::Answered> expected_;
  std::vector<std::string> prepared_;
  std::vector<core::Answer> answers_;
  std::vector<bool> busy_;
  std::unique_ptr<Reloader> reloader_;
};

TEST_F(Reloading, ANewBudgetIsRefusedWhileTheJournalCantSayWhatWasSpent) {
  write(std::string(kHead) + kBudget);
  reload();
  serve_until(1, 0);
  EXPECT_EQ(answers_[0].outcome, Outcome::refused);
  EXPECT_THAT(answers_[0].message, HasSubstr("can't be known"));
  EXPECT_THAT(posted_, IsEmpty());
  ASSERT_THAT(told_, SizeIs(1));
  EXPECT_EQ(told_[0].name, "config.rejected");
}

TEST_F(Reloading, ASecondOneMeanwhileIsRefusedAndTold) {
  write(std::string(kHead) + "rules: [{name: old, when: {age: 2d}}]\n");
  reload();
  reload();
  serve_until(1, 1);
  EXPECT_EQ(answers_[0].outcome, Outcome::refused);
  ASSERT_THAT(told_, SizeIs(1));
  EXPECT_EQ(told_[0].name, "config.rejected");
  core_says(Outcome::done);
  ASSERT_THAT(answers_, SizeIs(2));
  EXPECT_EQ(answers_[1].outcome, Outcome::done);
  // For the service manager it is one.
  EXPECT_THAT(busy_, testing::ElementsAre(true, false));
}

TEST_F(Reloading, WhatOnlyARestartTakesIsSaid) {
  write("mode: enforce\naccounts: [{name: a, api_key: {env: OTHER}}]\nbilling: {from: running}\n" +
        std::string(kAge));
  reload();
  serve_until(0, 1);
  core_says(Outcome::done);
  ASSERT_THAT(answers_, SizeIs(1));
  EXPECT_THAT(answers_[0].message, HasSubstr("accounts: from the next start on"));
  EXPECT_THAT(answers_[0].message, HasSubstr("billing: from the next start on"));
  // And so it stays meanwhile.
  EXPECT_EQ(config_.accounts[0].api_key.name, "KEY");
  EXPECT_EQ(config_.billing_from, policy::BillingFrom::deploying);
}

TEST_F(Reloading, ALookSaysWhatAReloadWouldRefuse) {
  write("mode: enforce\naccounts: [{name: b, api_key: {env: KEY}}]\n" + std::string(kAge));
  ReloadRequest look;
  look.dry_run = true;
  reloader_->reload(look, "ana", [this](core::Answer answer) { answers_.push_back(answer); });
  serve_until(1, 0);
  EXPECT_EQ(answers_[0].outcome, Outcome::refused);
  EXPECT_THAT(answers_[0].message, HasSubstr("the accounts have changed"));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(Reloading, WhatTheCoreRefusesLeavesTheSinksAsTheyWere) {
  write(std::string(kHead) + "rules: [{name: old, when: {age: 2d}}]\n");
  reload();
  serve_until(0, 1);
  core_says(Outcome::refused);
  ASSERT_THAT(prepared_, SizeIs(2));
  EXPECT_EQ(prepared_[1], config_.hash);
  EXPECT_NE(prepared_[0], config_.hash);
  EXPECT_THAT(told_, SizeIs(1));
}

TEST_F(Reloading, ABrokenFileIsRefusedWithItsProblems) {
  write(std::string(kHead) + "rules: [{name: old, when: {aeg: 2d}}]\n");
  reload();
  serve_until(1, 0);
  EXPECT_EQ(answers_[0].outcome, Outcome::refused);
  ASSERT_THAT(answers_[0].fields, SizeIs(1));
  EXPECT_EQ(answers_[0].fields[0].first, "problems");
  EXPECT_THAT(prepared_, IsEmpty());
  EXPECT_THAT(busy_, testing::ElementsAre(true, false));
}

}  // namespace
}  // namespace trainstop::service
