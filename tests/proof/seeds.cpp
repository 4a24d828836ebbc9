#include "proof/seeds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

namespace trainstop::proof {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kDenseEvery = 50, kTwiceEvery = 20;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string command(const Search& search, std::uint64_t seed, const Mask& mask) {
  return fmt::format("trainstop-proof --seed {}{}{}{}", seed, mask.options(),
                     search.values ? " --values" : "", search.dense ? " --dense" : "");
}

/// A run, and now and then a second one that must be the same.
Outcome run_once(const Search& search, std::uint64_t seed) {
  Outcome outcome = run_seed(seed, search.mask, search.options(seed));
  if (outcome.violation || seed % kTwiceEvery != 0) return outcome;
  const Outcome again = run_seed(seed, search.mask, search.options(seed));
  if (again.digest != outcome.digest)
    outcome.violation = Violation{"determinism", "two runs differ", kStart};
  return outcome;
}

void report(const Search& search, std::uint64_t seed, const Violation& violation) {
  fmt::print("seed {} breaks {}: {} (at {})\n  {}\n", seed, violation.property, violation.what,
             format_duration(violation.at - kStart), command(search, seed, search.mask));
  if (search.no_shrink || violation.property == "determinism") return;
  const Mask small = shrink(search, seed, violation.property);
  fmt::print("  shrunk: {}\n", command(search, seed, small));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

}  // namespace

Options Search::options(std::uint64_t seed) const {
  Options options;
  options.as_text = !values;
  options.dense = dense || seed % kDenseEvery == 0;
  return options;
}

bool read_mask(const std::string& jobs, const std::string& harms, long longest, Mask& mask) {
  for (const std::string& job : split(jobs)) mask.jobs.insert(std::stoi(job));
  for (const std::string& name : split(harms)) {
    bool found = false;
    for (std::size_t i = 0; i < kHarms; ++i) {
      if (to_string(static_cast<Harm>(i)) != name) continue;
      mask.harms.set(i);
      found = true;
    }
    if (found) continue;
    fmt::print(stderr, "there is no harm {}\n", name);
    return false;
  }
  if (longest > 0) mask.longest = std::chrono::seconds(longest);
  return true;
}

Mask shrink(const Search& search, std::uint64_t seed, const std::string& property) {
  Mask best = search.mask;
  const auto fails = [&](const Mask& mask) {
    const Outcome outcome = run_seed(seed, mask, search.options(seed));
    return outcome.violation && outcome.violation->property == property;
  };
  const Outcome whole = run_seed(seed, best, search.options(seed));
  if (whole.violation && property != "liveness") {
    Mask shorter = best;
    shorter.longest = whole.violation->at - kStart + std::chrono::seconds(2);
    if (fails(shorter)) best = shorter;
  }
  for (std::size_t i = 0; i < kHarms; ++i) {
    Mask less = best;
    less.harms.set(i);
    if (!best.harms[i] && make_plan(seed, best).strength[i] != 0 && fails(less)) best = less;
  }
  for (const JobPlan& job : make_plan(seed, search.mask).jobs) {
    Mask less = best;
    less.jobs.insert(job.number);
    if (fails(less)) best = less;
  }
  return best;
}

int run_seeds(const Search& search) {
  fmt::print("seeds from {}\n", search.from);
  std::fflush(stdout);
  const auto start = Clock::now();
  std::uint64_t done = 0, failed = 0, facts = 0, stops = 0, lives = 0;
  double lived = 0;
  for (std::uint64_t seed = search.from; done < search.count; ++seed) {
    if (search.seconds > 0 && seconds_since(start) >= search.seconds) break;
    const Outcome outcome = run_once(search, seed);
    ++done;
    facts += outcome.facts;
    stops += outcome.stops;
    lives += outcome.lives;
    lived += std::chrono::duration<double>(outcome.length).count();
    if (!outcome.violation) continue;
    ++failed;
    report(search, seed, *outcome.violation);
    std::fflush(stdout);
    if (!search.keep_going) break;
  }
  const double took = seconds_since(start);
  fmt::print(
      "{} seeds, {} failed; {:.0f} virtual hours in {:.1f} s: {:.0f} times real time; {} facts, {} "
      "lives, {} stops\n",
      done, failed, lived / 3600, took, lived / std::max(took, 1e-9), facts, lives, stops);
  return failed == 0 ? 0 : 1;
}

/// Lines `SEED why`; a line that begins with # is for people.
int run_regressions(const Search& search, const std::string& file) {
  std::ifstream stream(file);
  if (!stream) {
    fmt::print(stderr, "{} can't be read\n", file);
    return 2;
  }
  int failed = 0;
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::uint64_t seed = std::stoull(line);
    for (const bool values : {false, true}) {
      Search one = search;
      one.values = values;
      const Outcome outcome = run_once(one, seed);
      if (!outcome.violation) continue;
      ++failed;
      fmt::print("again: {}\n", line);
      report(one, seed, *outcome.violation);
    }
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace trainstop::proof
