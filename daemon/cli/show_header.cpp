#include "cli/show_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/answer.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kLabel = 11;  // columns of a header line's label
constexpr std::size_t kMostAccounts = 3;

std::string head(const Screen& screen, std::string_view label, std::string_view text,
                 Ink ink = Ink::none) {
  const std::size_t room = screen.columns <= kLabel ? 1 : screen.columns - kLabel;
  return screen.in(Ink::bold, fmt::format("{:<{}}", label, kLabel)) +
         screen.in(ink, cut(text, room)) + '\n';
}

std::string mode_line(const json::object& status, const Screen& screen) {
  const Instant now = now_of(status);
  const bool observes = text_at(status, "mode") == "observe";
  std::string text = observes ? "observes: nothing is stopped" : "enforces";
  if (const auto since = instant_at(status, "since"))
    text += fmt::format(", since {} ({})", spell_time(*since, now), spell(now - *since));
  text += fmt::format("; it is {}", spell_time(now, now));
  return head(screen, "trainstop", text, observes ? Ink::yellow : Ink::none);
}

std::string refused_calls(const json::object& account) {
  std::string calls;
  for (const json::value& call : array_at(account, "refused")) {
    if (!call.is_string()) continue;
    calls += (calls.empty() ? "" : ", ") + plain(std::string_view(call.as_string()));
  }
  return calls;
}

std::string account_words(const json::object& account, Instant now) {
  const std::string words = text_at(account, "name");
  std::string trouble;
  if (const auto since = instant_at(account, "auth_failed"))
    trouble =
        ": its key is refused (" + refused_calls(account) + ") since " + spell_time(*since, now);
  if (const auto since = instant_at(account, "unreachable_since"))
    trouble += (trouble.empty() ? ": " : "; ") + ("out of reach since " + spell_time(*since, now));
  if (!trouble.empty()) return words + trouble;
  if (!account.contains("facts_age_s")) return words + ": no list was read yet";
  return words + ": facts are " + spell_seconds(number_at(account, "facts_age_s")) + " old";
}

/// One line each, those in trouble first; of many only the first ones.
std::string account_lines(const json::object& status, const Screen& screen) {
  auto accounts = objects_at(status, "accounts");
  const auto is_well = [](const json::object* each) {
    return is_true_at(*each, "reachable") && !each->contains("auth_failed");
  };
  std::ranges::stable_sort(accounts, {}, is_well);
  std::string text;
  std::size_t shown = 0;
  for (const json::object* account : accounts) {
    if (shown == kMostAccounts && is_well(account)) break;
    text += head(screen, shown++ == 0 ? "API" : "", account_words(*account, now_of(status)),
                 is_well(account) ? Ink::none : Ink::red);
  }
  if (shown < accounts.size())
    text +=
        head(screen, "",
             count_of(static_cast<double>(accounts.size() - shown), "other") + " can be reached");
  return text;
}

std::string jobs_line(const json::object& status, const Screen& screen) {
  const json::object& counts = object_at(status, "counts");
  const auto count = [&](const char* key) { return number_at(counts, key).value_or(0); };
  std::string text = fmt::format("{:.0f} live", count("live"));
  if (const auto rate = number_at(status, "rate")) text += fmt::format(", {}/h", dollars(*rate));
  if (count("unpriced") > 0) text += fmt::format(", {:.0f} of unknown cost", count("unpriced"));
  text += fmt::format("; {} open, {:.0f} overdue", count_of(count("open_stops"), "stop"),
                      count("overdue"));
  if (count("unconfirmed") > 0) text += fmt::format(", {:.0f} unconfirmed", count("unconfirmed"));
  std::string held;
  for (const auto& [reason, number] : object_at(counts, "held")) {
    if (number.is_number())
      held += fmt::format("{} {} {}", held.empty() ? "; held:" : ",", number.to_number<double>(),
                          std::string_view(reason));
  }
  text += held;
  if (count("unknown_status") > 0)
    text += fmt::format("; {:.0f} in a status that is not known", count("unknown_status"));
  return head(screen, "jobs", text, count("unconfirmed") > 0 ? Ink::red : Ink::none);
}

std::string breaker_words(const json::object& breaker, Instant now) {
  const double most = number_at(breaker, "max_stops").value_or(0);
  const std::string per = spell_seconds(number_at(breaker, "per_s"));
  if (is_true_at(breaker, "open")) {
    const auto since = instant_at(breaker, "since");
    return fmt::format("open ({}){}: nothing is stopped until it is reset",
                       text_at(breaker, "reason"),
                       since ? " since " + spell_time(*since, now) : "");
  }
  std::string text = fmt::format("closed, {:.0f} of {:.0f} stops in {}",
                                 number_at(breaker, "stops_in_window").value_or(0), most, per);
  const json::object& foreseen = object_at(breaker, "foreseen");
  if (const auto at = instant_at(foreseen, "at"))
    text = fmt::format("will open {} ({}) if nothing changes: {} within {}, {:.0f} are allowed",
                       spell_until(*at, now), spell_time(*at, now),
                       count_of(number_at(foreseen, "stops").value_or(0), "stop"), per, most);
  return text;
}

std::string breaker_lines(const json::object& status, const Screen& screen) {
  const json::object& breaker = object_at(status, "breaker");
  const Instant now = now_of(status);
  const auto ink_of = [](const json::object& of) {
    return is_true_at(of, "open") ? Ink::red : of.contains("foreseen") ? Ink::yellow : Ink::none;
  };
  std::string text = head(screen, "breaker", breaker_words(breaker, now), ink_of(breaker));
  for (const json::object* own : objects_at(breaker, "rules")) {
    if (ink_of(*own) == Ink::none) continue;
    text += head(screen, "", "of rule " + text_at(*own, "rule") + ": " + breaker_words(*own, now),
                 ink_of(*own));
  }
  return text;
}

/// Pauses and freezes that hold stops now.
std::string hold_lines(const json::object& status, const Screen& screen) {
  const Instant now = now_of(status);
  std::string text;
  const auto add = [&](const char* list, const char* what_key, const char* all) {
    for (const json::object* each : objects_at(status, list)) {
      const std::string what = text_at(*each, what_key);
      const auto until = instant_at(*each, "until");
      text += head(screen, list,
                   (what.empty() ? std::string(all) : what) +
                       (until ? fmt::format(", until {} ({})", spell_time(*until, now),
                                            spell_until(*until, now))
                              : ""),
                   Ink::yellow);
    }
  };
  add("paused", "rule", "all rules");
  add("frozen", "what", "all jobs");
  return text;
}

}  // namespace

std::string show_header(const json::object& status, const Screen& screen) {
  const Instant now = now_of(status);
  std::string text = mode_line(status, screen) + account_lines(status, screen) +
                     jobs_line(status, screen) + breaker_lines(status, screen) +
                     hold_lines(status, screen);
  const std::string journal = text_at(status, "journal");
  if (!journal.empty())
    text += head(screen, "journal", journal, journal == "ok" ? Ink::none : Ink::red);
  const json::object& next = object_at(status, "next_due");
  const auto at = instant_at(next, "at");
  const std::string hold = text_at(next, "hold");
  text +=
      head(screen, "next due",
           at ? fmt::format("{} ({}): {} by {}{}", spell_until(*at, now), spell_time(*at, now),
                            name_of(next), cause_of(next), hold.empty() ? "" : ", held: " + hold)
              : "none");
  for (const json::value& why : array_at(status, "impaired")) {
    if (!why.is_string()) continue;
    const std::string line = "! " + plain(std::string_view(why.as_string()));
    text += screen.in(Ink::red, wrap(line, screen.columns, 2)) + '\n';
  }
  return text;
}

/// What would be stopped if the daemon, or the rule, did not observe.
std::string show_over(const json::object& status, const Screen& screen) {
  const json::object& over = object_at(status, "over");
  const bool observes = text_at(status, "mode") == "observe";
  const double count = number_at(over, "count").value_or(0);
  if (count == 0 && !observes) return {};
  if (count == 0) return "Nothing is stopped, and no job is over a rule yet.\n";
  const std::string what = fmt::format(
      "{} {} over a rule that only observes, and burn{} {}/h. Nothing of that is "
      "stopped:",
      count_of(count, "job"), count == 1 ? "is" : "are", count == 1 ? "s" : "",
      dollars(number_at(over, "rate").value_or(0)));
  std::string text = wrap(what, screen.columns, 0) + '\n';
  Table table({{"JOB", false, 12}, {"RULE", false, 8}, {"SINCE"}, {"RATE", true}});
  const Instant now = now_of(status);
  const auto jobs = objects_at(over, "jobs");
  for (const json::object* job : jobs) {
    const auto since = instant_at(*job, "since");
    const std::string rate = dollars(number_at(*job, "rate"));
    table.add({name_of(*job), text_at(*job, "rule"),
               since ? spell_time(*since, now) + " (" + spell_until(*since, now) + ")" : "",
               rate.empty() ? "" : rate + "/h"});
  }
  text += table.render(screen);
  if (static_cast<double>(jobs.size()) < count)
    text += fmt::format("and {:.0f} more\n", count - static_cast<double>(jobs.size()));
  const std::string notice = spell_seconds(number_at(over, "first_notice_s"));
  const std::string how =
      "To have them stopped" + (notice.empty() ? "" : ", after a notice of " + notice) +
      (observes ? ", write `mode: enforce` into the configuration, start the daemon without "
                  "--observe, and let it read the configuration again."
                : ", take `mode: observe` from these rules.");
  return text + wrap(how, screen.columns, 0) + '\n';
}

}  // namespace trainstop::cli
