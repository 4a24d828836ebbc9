// Many histories under budgets, from consecutive seeds. TRAINSTOP_HISTORIES says how many,
// TRAINSTOP_FIRST_HISTORY from which seed on: 1 and a seed repeat one that went wrong.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "simulation/histories/history.hpp"

namespace trainstop::test {
namespace {

// About ten seconds, also under the sanitizers.
#ifdef TRAINSTOP_SANITIZED
constexpr std::uint64_t kQuickly = 200;
#else
constexpr std::uint64_t kQuickly = 1000;
#endif
constexpr std::size_t kMostShown = 5;

std::uint64_t number_in(const char* variable, std::uint64_t absent) {
  const char* text = std::getenv(variable);
  return text == nullptr ? absent : std::strtoull(text, nullptr, 10);
}

TEST(BudgetHistories, BillsEndUnderTheirLimitsAndTheLedgerIsExact) {
  const std::uint64_t first = number_in("TRAINSTOP_FIRST_HISTORY", 1);
  const std::uint64_t histories = number_in("TRAINSTOP_HISTORIES", kQuickly);
  Findings findings;
  for (std::uint64_t seed = first; seed < first + histories; ++seed) {
    History(seed).run(findings);
    if (findings.wrong.size() >= kMostShown) break;
  }
  for (const std::string& wrong : findings.wrong) ADD_FAILURE() << wrong;
  const double landed = static_cast<double>(std::max<std::int64_t>(1, findings.landed));
  std::printf(
      "%lld histories, %lld held by the breaker; %lld sums compared; %lld stops; %lld windows with "
      "a bill, %lld without any excuse, %lld of the others above their limit; %lld exhaustions "
      "landed with %.2f of a minute's and the allowance's cost unused ($%.2f)\n",
      static_cast<long long>(findings.histories), static_cast<long long>(findings.held),
      static_cast<long long>(findings.sums), static_cast<long long>(findings.stops),
      static_cast<long long>(findings.windows), static_cast<long long>(findings.strict),
      static_cast<long long>(findings.exceeded), static_cast<long long>(findings.landed),
      findings.unused / landed, findings.unused_dollars / landed);
  EXPECT_LE(findings.unused / landed, 1.0);
}

}  // namespace
}  // namespace trainstop::test
