// trainstop-proof: many seeds, or one seed told readably.
#include <fmt/format.h>

#include <chrono>
#include <random>

#include "proof/arguments.hpp"
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
  const Arguments arguments(argc, argv,
                            {{"--seed", true, "replay this seed and tell it"},
                             {"--seeds", true, "how many"},
                             {"--from", true, "the first; random without it"},
                             {"--seconds", true, "at most so long"},
                             {"--values", false, "facts as values, without encode and decode"},
                             {"--dense", false, "the checker looks every second"},
                             {"--keep-going", false, "do not end at the first failing seed"},
                             {"--no-shrink", false, "show a failing seed as it is"},
                             {"--without-jobs", true, "leave these jobs out"},
                             {"--without", true, "leave these harms out"},
                             {"--longest", true, "end after so many seconds"},
                             {"--fleet", true, "measure: so many jobs, calm, polled every 30 s"},
                             {"--regressions", true, "run the seeds of this file"}});
  Search search;
  search.count = arguments.number("--seeds", search.count);
  search.from = arguments.number("--from", search.from);
  search.seconds = static_cast<double>(arguments.number("--seconds", 0));
  search.values = arguments.has("--values");
  search.dense = arguments.has("--dense");
  search.keep_going = arguments.has("--keep-going");
  search.no_shrink = arguments.has("--no-shrink");
  search.mask.fleet = static_cast<int>(arguments.number("--fleet", 0));
  const auto longest = static_cast<long>(arguments.number("--longest", 0));
  if (!read_mask(arguments.text("--without-jobs"), arguments.text("--without"), longest,
                 search.mask))
    return 2;
  if (arguments.has("--seed")) return show(search, arguments.number("--seed", 0));
  if (arguments.has("--regressions"))
    return run_regressions(search, arguments.text("--regressions"));
  if (!arguments.has("--from")) {
    std::random_device device;
    search.from = device() % 1'000'000'000ULL * 1000;
  }
  return run_seeds(search);
}
