#include "cli/show_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/answer.hpp"
#include "cli/show_budgets.hpp"
#include "cli/show_header.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kStatusBar = 10;
constexpr std::size_t kFewestJobs = 5;
constexpr std::size_t kFewestBudgets = 3;
constexpr Duration kSoon = std::chrono::hours(1);

Cell due_cell(const json::object& job, Instant now) {
  const auto due = instant_at(job, "due_at");
  if (!due) return "";
  const bool real = text_at(job, "mode") != "observe" && text_at(job, "hold") != "exempt";
  const Ink ink = !real                ? Ink::dim
                  : *due <= now        ? Ink::red
                  : *due < now + kSoon ? Ink::yellow
                                       : Ink::none;
  return {spell_until(*due, now), ink};
}

std::string job_table(const std::vector<const json::object*>& jobs, Instant now,
                      const Screen& screen) {
  Table table({{"JOB", false, 16},
               {"PROJECT", false, 10, 9},
               {"USER", false, 10, 10},
               {"PHASE", false, 0, 6},
               {"AGE", true, 0, 8},
               {"COST", true},
               {"RATE", true, 0, 7},
               {"PROGRESS", false, 0, 5},
               {"", true},
               {"DUE", true},
               {"RULE", false, 8},
               {"HOLD"}});
  for (const json::object* job : jobs) {
    std::string cost = dollars(number_at(*job, "cost"));
    if (cost.empty()) {
      cost = "?";
    } else if (is_true_at(*job, "estimated")) {
      cost = "~" + cost;
    }
    const std::string rate = dollars(number_at(*job, "rate"));
    const auto progress = number_at(*job, "progress");
    table.add({name_of(*job), text_at(*job, "project"), text_at(*job, "user"),
               text_at(*job, "phase"), spell_seconds(number_at(*job, "age_s")), cost,
               rate.empty() ? "" : rate + "/h", progress ? bar(*progress, kStatusBar) : "",
               progress ? fmt::format("{:.0f}%", std::min(*progress, 99.99) * 100) : "",
               due_cell(*job, now),
               job->contains("ordered_by") ? cause_of(*job) : text_at(*job, "rule"),
               state_of(*job)});
  }
  return table.render(screen);
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

std::string budget_part(const json::object& status, const Screen& screen) {
  auto pots = pots_of(status);
  if (pots.empty()) return {};
  double more = number_at(status, "more_budgets").value_or(0);
  if (screen.rows != Screen::kNoLimit) {
    const std::size_t most = std::max(kFewestBudgets, screen.rows / 4);
    if (pots.size() > most) {
      more += static_cast<double>(pots.size() - most);
      pots.resize(most);
    }
  }
  std::string text = '\n' + show_budgets(pots, now_of(status), screen);
  if (more > 0) text += fmt::format("and {:.0f} more: trainstop budgets\n", more);
  return text;
}

}  // namespace

Cell state_of(const json::object& job) {
  const json::object& stop = object_at(job, "stop");
  if (text_at(stop, "stage") == "requested") {
    if (stop.contains("unconfirmed_since")) return {"unconfirmed", Ink::red};
    return {"stopping", Ink::yellow};
  }
  const std::string hold = text_at(job, "hold");
  return {hold, hold == "breaker" || hold == "unknown" ? Ink::red : Ink::yellow};
}

bool is_impaired(const json::object& status) {
  const std::string journal = text_at(status, "journal");
  return !array_at(status, "impaired").empty() || (!journal.empty() && journal != "ok");
}

std::string show_status(const json::object& status, const Screen& screen,
                        std::optional<std::size_t> most_jobs) {
  const std::string over = show_over(status, screen);
  const std::string before = show_header(status, screen) + (over.empty() ? "" : '\n' + over) + '\n';
  const std::string after = budget_part(status, screen);
  auto jobs = objects_at(status, "jobs");
  double more = number_at(status, "more").value_or(0);
  std::size_t most = most_jobs.value_or(jobs.size());
  if (!most_jobs && screen.rows != Screen::kNoLimit) {
    // Beside the title, the line that counts the others, and a shell's prompt of two lines.
    const std::size_t taken = lines_of(before) + lines_of(after) + 4;
    most = std::max(kFewestJobs, screen.rows - std::min(screen.rows, taken));
  }
  if (jobs.size() > most) {
    more += static_cast<double>(jobs.size() - most);
    jobs.resize(most);
  }
  std::string text = before;
  if (jobs.empty()) {
    const bool seen =
        std::ranges::any_of(objects_at(status, "accounts"),
                            [](const json::object* each) { return each->contains("facts_age_s"); });
    if (more <= 0) text += seen ? "No job is live.\n" : "No job list was read yet.\n";
  } else {
    text += job_table(jobs, now_of(status), screen);
  }
  if (more > 0) text += fmt::format("and {}\n", count_of(more, "more job"));
  return text + after;
}

}  // namespace trainstop::cli
