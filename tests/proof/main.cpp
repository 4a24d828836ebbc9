// trainstop-proof: many seeds, or one seed told readably.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <random>

#include "proof/seeds.hpp"

namespace trainstop::proof {
namespace {

int show(const Search& search, std::uint64_t seed) {
  Options options = search.options(seed);
  options.story = [](const std::string& line) { fmt::print("{}\n", line); };
  for (const RuleSet& set : make_plan(seed, search.mask).rules) fmt::print("---\n{}", to_yaml(set));
  const Outcome outcome = run_seed(seed, search.mask, options);
  fmt::print("{} facts, {} lives, {} stops, digest {:016x}\n", outcome.facts, outcome.lives,
             outcome.stops, outcome.digest);
  return outcome.violation ? 1 : 0;
}

}  // namespace
}  // namespace trainstop::proof

int main(int argc, char** argv) {
  using namespace trainstop::proof;
  CLI::App app{"Searches seeds for a broken promise"};
  Search search;
  std::uint64_t seed = 0;
  std::string jobs, harms, regressions;
  long longest = 0;
  auto* one = app.add_option("--seed", seed, "replay this seed and tell it");
  app.add_option("--seeds", search.count, "how many");
  auto* from = app.add_option("--from", search.from, "the first; random without it");
  app.add_option("--seconds", search.seconds, "at most so long");
  app.add_flag("--values", search.values, "facts as values, without encode and decode");
  app.add_flag("--dense", search.dense, "the checker looks every second");
  app.add_flag("--keep-going", search.keep_going, "do not end at the first failing seed");
  app.add_flag("--no-shrink", search.no_shrink, "show a failing seed as it is");
  app.add_option("--without-jobs", jobs, "leave these jobs out");
  app.add_option("--without", harms, "leave these harms out");
  app.add_option("--longest", longest, "end after so many seconds");
  app.add_option("--fleet", search.mask.fleet, "measure: so many jobs, calm, polled every 30 s");
  app.add_option("--regressions", regressions, "run the seeds of this file");
  CLI11_PARSE(app, argc, argv);
  if (!read_mask(jobs, harms, longest, search.mask)) return 2;
  if (*one) return show(search, seed);
  if (!regressions.empty()) return run_regressions(search, regressions);
  if (!*from) {
    std::random_device device;
    search.from = device() % 1'000'000'000ULL * 1000;
  }
  return run_seeds(search);
}
