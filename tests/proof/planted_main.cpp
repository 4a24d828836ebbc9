// trainstop-planted: switches one planted bug on after the other and searches seeds until one
// catches it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "proof/arguments.hpp"
#include "proof/planted_bugs.hpp"
#include "proof/world.hpp"

namespace trainstop::proof {
namespace {

struct Bounds {
  std::uint64_t from = 1, most = 400;
  double seconds = 60;
  bool near = false;  ///< begin with the seed that caught it once
};

/// The property that the history breaks; empty when it breaks none.
std::string breach_of(std::uint64_t seed, const Mask& mask) {
  try {
    const Outcome outcome = run_seed(seed, mask, Options{});
    return outcome.violation ? outcome.violation->property : std::string();
  } catch (const std::logic_error&) {
    return "assertion";
  }
}

/// Whether some seed from `first` on catches the bug; prints its row of the table.
bool is_caught(std::string_view name, std::uint64_t first, const Bounds& bounds) {
  plant(name);
  const auto start = std::chrono::steady_clock::now();
  const auto took = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  Mask untouched;  // the same history as far as no person has a hand in it
  for (const Harm harm : {Harm::reloads, Harm::hands, Harm::freezes})
    untouched.harms[static_cast<std::size_t>(harm)] = true;
  std::uint64_t tried = 0;
  while (tried < bounds.most && took() < bounds.seconds) {
    const std::uint64_t seed = first + tried++;
    std::string property = breach_of(seed, {});
    if (property.empty()) property = breach_of(seed, untouched);
    if (property.empty()) continue;
    fmt::print("| {} | {} | {} |\n", name, tried, property);
    std::fflush(stdout);
    return true;
  }
  fmt::print("| {} | survived {} | - |\n", name, tried);
  std::fflush(stdout);
  return false;
}

int run(const std::vector<PlantedBug>& bugs, const Bounds& bounds) {
  fmt::print("| bug | seeds until caught | property |\n|---|---|---|\n");
  std::size_t caught = 0;
  for (const PlantedBug& bug : bugs) {
    const bool is_rare = bug.caught_by >= bounds.from + bounds.most;
    const std::uint64_t first = bounds.near || is_rare ? bug.caught_by : bounds.from;
    caught += is_caught(bug.name, first, bounds) ? 1U : 0U;
  }
  fmt::print("\n{} of {} caught\n", caught, bugs.size());
  return caught == bugs.size() ? 0 : 1;
}

/// So many of them, others every day.
std::vector<PlantedBug> todays(std::size_t count) {
  const auto& all = planted_bugs();
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const auto first = static_cast<std::size_t>(day.time_since_epoch().count()) * count;
  std::vector<PlantedBug> bugs;
  for (std::size_t i = 0; i < std::min(count, all.size()); ++i)
    bugs.push_back(all[(first + i) % all.size()]);
  return bugs;
}

}  // namespace
}  // namespace trainstop::proof

int main(int argc, char** argv) {
  using namespace trainstop::proof;
  const Arguments arguments(argc, argv,
                            {{"--all", false, "every one; prints the table"},
                             {"--list", false, "their names"},
                             {"--bug", true, "this one"},
                             {"--rotate", true, "so many, others every day"},
                             {"--near", false, "begin with the seed that caught it once"},
                             {"--from", true, "the first seed"},
                             {"--seeds", true, "at most so many for each"},
                             {"--seconds", true, "at most so long for each"}});
  Bounds bounds;
  bounds.from = arguments.number("--from", bounds.from);
  bounds.most = arguments.number("--seeds", bounds.most);
  bounds.seconds = static_cast<double>(arguments.number("--seconds", 60));
  bounds.near = arguments.has("--near");
  if (arguments.has("--list")) {
    for (const PlantedBug& bug : planted_bugs()) fmt::print("{}\n", bug.name);
    return 0;
  }
  if (arguments.has("--all")) return run(planted_bugs(), bounds);
  if (arguments.has("--rotate")) return run(todays(arguments.number("--rotate", 0)), bounds);
  const std::vector<std::string> names = arguments.all("--bug");
  std::vector<PlantedBug> wanted;
  for (const PlantedBug& bug : planted_bugs()) {
    if (std::find(names.begin(), names.end(), bug.name) != names.end()) wanted.push_back(bug);
  }
  return run(wanted, bounds);
}
