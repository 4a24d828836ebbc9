// Bills of jobs that are long gone, as a restart finds them in the journal: what can't be one is
// taken out and every stop is held; what no budget asks for any more is closed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test::bills {
namespace {

constexpr const char* kDay = "rules: [{name: pot, budget: {limit: $100, per: day}}]\n";
constexpr const char* kTotal = "rules: [{name: pot, budget: {limit: $100, per: total}}]\n";
const Money kTenMinutesOfIt = Money::from_nano(10 * 866'670'000LL);

/// The bill of a job that ran from the first to the eleventh minute.
Image bill_of_ten_minutes() {
  World world(kDay);
  world.at(1min, [&] { world.add("j1", 1min); });
  world.at(11min, [&] { world.set_status("j1", "COMPLETED"); });
  world.run_until(3h);
  for (const auto& [key, image] : world.present()) {
    if (key.first == Image::Kind::bill) return image;
  }
  ADD_FAILURE() << "there is no bill";
  return {};
}

void set(Image& image, const std::string& name, Value value) {
  std::erase_if(image.body, [&](const auto& member) { return member.first == name; });
  image.body.emplace_back(name, std::move(value));
}

void erase(Image& image, const std::string& name) {
  std::erase_if(image.body, [&](const auto& member) { return member.first == name; });
}

/// A world whose daemon starts so late with this one image in its journal.
std::unique_ptr<World> after(const Image& image, const std::string& yaml, Duration late = 3h) {
  auto world = std::make_unique<World>(yaml);
  world->set_present({{{image.kind, image.key}, image}});
  world->restart(late);
  world->run_until(late + 1min);
  return world;
}

Value of_pot(const World& world, const std::string& name) {
  const auto image = world.present().find({Image::Kind::pot, "pot/all"});
  if (image == world.present().end()) return "(no pot)";
  for (const auto& [key, value] : image->second.body) {
    if (key == name) return value;
  }
  return "(absent)";
}

bool keeps(const World& world, const Image& image) {
  return world.present().count({image.kind, image.key}) == 1;
}

bool is_lost(const World& world) {
  const auto opened = world.told("breaker.opened");
  return opened.size() == 1 && field(opened[0], "reason") == Value("journal_lost");
}

TEST(RecalledBill, OfTodayCountsAfterARestart) {
  const Image bill = bill_of_ten_minutes();
  const auto world = after(bill, kDay);
  EXPECT_FALSE(is_lost(*world));
  EXPECT_TRUE(keeps(*world, bill));
  EXPECT_EQ(of_pot(*world, "spent"), Value(kTenMinutesOfIt));
  EXPECT_EQ(of_pot(*world, "jobs"), Value("(absent)")) << "none is left";
}

TEST(RecalledBill, ThatCantBeOneIsTakenOutAndEveryStopIsHeld) {
  const Image whole = bill_of_ten_minutes();
  std::vector<std::pair<const char*, Image>> broken;
  const auto make = [&](const char* what) -> Image& {
    return broken.emplace_back(what, whole).second;
  };
  make("no job").key = "main/proj1//1";
  make("no project").key = "main//j1/1";
  make("no key").key = "main";
  erase(make("no end"), "end");
  set(make("an end at no time"), "end", kNever);
  erase(make("prices of no time"), "price_from");
  erase(make("times without a price"), "price");
  set(make("no nodes"), "node_count", std::int64_t{0});
  set(make("nodes below zero"), "node_count", std::int64_t{-1});
  set(make("a begin that is none"), "begin", "noon");
  set(make("a price below zero"), "price", Value::Array{Money::from_dollars(-1)});
  for (const auto& [what, image] : broken) {
    const auto world = after(image, kDay);
    EXPECT_TRUE(is_lost(*world)) << what;
    EXPECT_FALSE(keeps(*world, image)) << what;
    EXPECT_EQ(of_pot(*world, "spent"), Value("(no pot)")) << what;
  }
}

TEST(RecalledBill, OlderThanTheJournalKeepsIsClosedUnlessABudgetIsForever) {
  const Image bill = bill_of_ten_minutes();
  const std::string keep = "journal: {keep: 10d}\n";
  const auto recent = after(bill, keep + kDay, 9 * 24h);
  EXPECT_TRUE(keeps(*recent, bill));
  const auto day = after(bill, keep + kDay, 11 * 24h);
  EXPECT_FALSE(keeps(*day, bill));
  EXPECT_FALSE(is_lost(*day));
  const auto total = after(bill, keep + kTotal, 11 * 24h);
  EXPECT_TRUE(keeps(*total, bill));
  EXPECT_EQ(of_pot(*total, "spent"), Value(kTenMinutesOfIt));
}

TEST(RecalledBill, WithoutAPriceMakesTheSumALowerBound) {
  Image bill = bill_of_ten_minutes();
  EXPECT_EQ(of_pot(*after(bill, kTotal), "partial"), Value("(absent)"));
  erase(bill, "price");
  erase(bill, "price_from");
  const auto world = after(bill, kTotal);
  EXPECT_FALSE(is_lost(*world));
  EXPECT_TRUE(keeps(*world, bill));
  EXPECT_EQ(of_pot(*world, "partial"), Value(true));
}

TEST(RecalledBill, OfAProjectOutOfViewIsNotCountedAndStays) {
  const Image bill = bill_of_ten_minutes();
  const auto world =
      after(bill, "accounts: [{name: main, api_key: {env: KEY}, projects: [other]}]\n" +
                      std::string(kDay));
  EXPECT_FALSE(is_lost(*world));
  EXPECT_TRUE(keeps(*world, bill)) << "the project may be in view again";
  EXPECT_EQ(of_pot(*world, "spent"), Value("(no pot)"));
}

}  // namespace
}  // namespace trainstop::test::bills
