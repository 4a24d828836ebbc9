#include "demo/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trainstop::demo {

namespace {

using namespace std::chrono_literals;

// P99 of a quiet machine is far below; the bound leaves room for a sanitizer build on a busy one.
constexpr auto kLatest = 500ms;
constexpr Money kPriceOfOne = Money::from_nano(108'330'000);
constexpr Money kPriceOfEight = Money::from_nano(866'670'000);

bool is_billed(const std::string& status) {
  return status == sim::kDeploying || status == sim::kRunning;
}

/// When a status came that `wanted` is true of.
template <class Wanted>
std::optional<sim::WallTime> first_change(const sim::JobTruth& truth, Wanted wanted) {
  const auto found =
      std::find_if(truth.changes.begin(), truth.changes.end(),
                   [&](const sim::StatusChange& change) { return wanted(change.status); });
  if (found == truth.changes.end()) return {};
  return found->at.wall;
}

std::optional<sim::WallTime> running_since(const sim::JobTruth& truth) {
  return first_change(truth, [](const std::string& status) { return status == sim::kRunning; });
}

/// The bill by the simulated API's own times: each started minute whole.
Money bill(const Role& role, const sim::JobTruth& truth, sim::WallTime now) {
  const auto begin = first_change(truth, is_billed);
  if (!begin) return Money{};
  const auto lived = (truth.ended ? truth.ended->wall : now) - *begin;
  const Money price = role.instance_type == "H100:8x80" ? kPriceOfEight : kPriceOfOne;
  return *multiply(price, role.nodes * std::chrono::ceil<std::chrono::minutes>(lived).count());
}

void judge_stopped(const Role& role, const sim::JobTruth& truth, const Said& said, Row& row) {
  row.happened = "still alive";
  if (truth.ended) row.happened = truth.ended_by_stop ? "stopped" : "ended by itself";
  if (truth.first_stop_received && said.due) row.late = truth.first_stop_received->wall - *said.due;
  if (!truth.ended_by_stop) {
    row.wrong = "was not stopped";
  } else if (truth.stop_requests != 1) {
    row.wrong = fmt::format("{} stop requests", truth.stop_requests);
  } else if (said.rule != role.rule) {
    row.wrong = "the rule had to be " + role.rule;
  } else if (!said.confirmed) {
    row.wrong = "its end was not confirmed";
  } else if (!row.late || *row.late < 0us || *row.late > kLatest) {
    row.wrong = "not on time";
  } else if (row.limit && *row.cost > *row.limit) {
    row.wrong = "over its limit";
  }
}

void judge_spared(const Role& role, const sim::JobTruth& truth, const Said& said, Row& row) {
  row.happened = role.fate == Fate::exempt     ? "exempt, not stopped"
                 : role.fate == Fate::observed ? "observed, not stopped"
                                               : "ended by itself";
  if (truth.stop_requests != 0) {
    row.wrong = "a stop was asked for";
  } else if (role.fate == Fate::ended_itself ? !truth.ended : truth.ended.has_value()) {
    row.wrong = truth.ended ? "it ended" : "it has not ended";
  } else if (role.fate == Fate::observed && !said.would_stop) {
    row.wrong = "nothing said that it would be stopped";
  } else if (role.fate == Fate::exempt && !said.held_exempt) {
    row.wrong = "nothing said that its stop is held";
  } else if (said.rule != role.rule) {
    row.wrong = "the rule had to be " + role.rule;
  }
}

}  // namespace

void take_note(const LogLine& line, std::map<std::string, Said>& said) {
  const std::string job = line.field("job");
  if (job.empty()) return;
  Said& note = said[job];
  if (line.event == "stop.sent" || line.event == "rule.would_stop") {
    note.rule = line.field("rule");
    if (const auto due = line.instant("due_at")) note.due = due;
  }
  if (line.event == "stop.held" && line.field("reason") == "exempt") {
    note.held_exempt = true;
    note.rule = line.field("rule");
  }
  note.would_stop = note.would_stop || line.event == "rule.would_stop";
  note.confirmed = note.confirmed || line.event == "stop.confirmed";
}

bool is_over(const Role& role, const sim::JobTruth& truth, const Said& said, sim::WallTime now) {
  const auto running = running_since(truth);
  switch (role.fate) {
    case Fate::stopped:
      return truth.ended && said.confirmed;
    case Fate::ended_itself:
      return truth.ended.has_value();
    case Fate::observed:
    case Fate::exempt:
      return running && now - *running > role.outlives && (said.would_stop || said.held_exempt);
  }
  return false;
}

Row judge(const Role& role, const sim::JobTruth& truth, const Said& said, sim::WallTime now) {
  Row row{.job = role.name,
          .happened = {},
          .rule = said.rule,
          .late = {},
          .cost = bill(role, truth, now),
          .limit = role.cost_limit,
          .wrong = {}};
  if (role.fate == Fate::stopped) {
    judge_stopped(role, truth, said, row);
  } else {
    judge_spared(role, truth, said, row);
  }
  return row;
}

Row judge_together(const SharedLimit& shared, const std::vector<Row>& rows) {
  Money sum;
  for (const Row& row : rows) {
    if (row.rule == shared.rule) sum = add(sum, *row.cost).value_or(sum);
  }
  const bool right = sum > Money{} && sum <= shared.limit;
  return {.job = shared.rule + " together",
          .happened = right ? "under the budget" : "not under the budget",
          .rule = shared.rule,
          .late = {},
          .cost = sum,
          .limit = shared.limit,
          .wrong = right ? "" : "over its limit"};
}

std::string table(const std::vector<Row>& rows) {
  const auto line = [](auto... cells) {
    return fmt::format("{:18} {:22} {:12} {:>9} {:>8} {:>8}  {}\n", cells...);
  };
  std::string text = line("JOB", "WHAT HAPPENED", "RULE", "LATE", "COST", "LIMIT", "");
  std::size_t wrong = 0;
  for (const Row& row : rows) {
    if (!row.wrong.empty()) ++wrong;
    const auto late = [&] {
      return row.late ? fmt::format("{:.1f} ms", static_cast<double>(row.late->count()) / 1000)
                      : "-";
    };
    text += line(row.job, row.happened, row.rule.empty() ? "-" : row.rule, late(),
                 format_dollars(*row.cost), row.limit ? format_dollars(*row.limit) : "-",
                 row.wrong.empty() ? "as it had to be" : "WRONG: " + row.wrong);
  }
  return text + (wrong == 0 ? "All of it by the simulated API's own record.\n"
                            : fmt::format("{} of {} jobs went WRONG.\n", wrong, rows.size()));
}

}  // namespace trainstop::demo
