// Histories at random: once every day is final the ledger is the invoice, to the nano-dollar.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "simulation/budgets.hpp"
#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

class History {
 public:
  explicit History(std::uint64_t seed)
      : random_(seed),
        world_(
            "rules:\n"
            "  - {name: all, budget: {limit: $9000000, per: total}}\n"
            "  - {name: month, budget: {limit: $9000000, per: month, group_by: user}}\n",
            seed),
        price_(kMinuteOfH100x8 * pick(80, 130) / 100) {
    world_.on_usage = [this](const core::FetchUsage& act) {
      if (pick(0, 9) == 0)
        return World::Usage{failing(FailureKind::server_error, 503).failure, {}, 0};
      return world_.true_usage(act, price_, std::chrono::minutes(pick(45, 80)));
    };
    for (int i = 0; i < 8; ++i) plan_job("j" + std::to_string(i));
    for (int i = pick(0, 3); i > 0; --i) {
      world_.at(minutes(10, 4000), [this] {
        if (world_.alive()) world_.restart(std::chrono::seconds(pick(1, 60)));
      });
    }
  }

  void live() { world_.run_until(24h * 5); }

  /// What the invoice comes to when nothing is to come any more.
  Money billed() {
    core::FetchUsage all;
    all.from = std::chrono::floor<std::chrono::days>(kStart);
    all.until = all.from + std::chrono::days(5);
    Money sum;
    for (const auto& day : world_.true_usage(all, price_).days) sum = *add(sum, day.billed);
    return sum;
  }

  /// A member of a pot's image.
  Money shown(const std::string& pot, const std::string& name) const {
    for (const auto& [key, value] : world_.present().at({Image::Kind::pot, pot}).body) {
      if (key == name) return std::get<Money>(value.data);
    }
    return {};
  }
  World& world() { return world_; }
  std::int64_t price() const { return price_; }

 private:
  int pick(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  Duration minutes(int least, int most) {
    return std::chrono::milliseconds(pick(least * 60'000, most * 60'000));
  }

  void plan_job(const std::string& id) {
    const Duration begin = minutes(1, 3000), runs = minutes(5, 1500);
    const int nodes = pick(1, 3);
    world_.at(begin, [=, this] { world_.add(id, begin, "DEPLOYING").now.node_count = nodes; });
    world_.at(begin + 3min, [=, this] { world_.set_status(id, "RUNNING"); });
    world_.at(begin + runs, [=, this] { world_.set_status(id, "COMPLETED"); });
  }

  std::mt19937_64 random_;
  World world_;
  std::int64_t price_;
};

TEST(UsageHistories, InTheEndTheLedgerIsTheInvoice) {
  int differed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    History history(seed);
    history.live();
    const Money billed = history.billed();
    EXPECT_EQ(history.shown("all/all", "spent"), billed) << "seed " << seed;
    EXPECT_EQ(history.shown("month/ana@corp.example", "spent"), billed) << "seed " << seed;
    EXPECT_EQ(history.world().told("ledger.unusable").size(), 0U) << "seed " << seed;
    differed += history.shown("all/all", "estimated") != billed ? 1 : 0;
  }
  EXPECT_GT(differed, 50);
}

}  // namespace
}  // namespace trainstop::test
