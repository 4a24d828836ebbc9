// What the journal's events say of one job: why it was stopped, or why it was not.
#include <fmt/format.h>

#include <algorithm>

#include "cli/answer.hpp"
#include "cli/show_conditions.hpp"
#include "cli/show_explain.hpp"
#include "cli/text.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

/// The newest event of that name; nullptr without one.
const Event* last(const std::vector<journal::Entry>& events, std::string_view name) {
  const auto found = std::find_if(events.rbegin(), events.rend(),
                                  [&](const auto& each) { return each.event.name == name; });
  return found == events.rend() ? nullptr : &found->event;
}

std::string value_of(const Event& event, std::string_view key) {
  const Value* const value = event.find(key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->data);
  return text == nullptr ? "" : *text;
}

/// A rule, or a person.
std::string cause_of_event(const Event& stop) {
  const std::string person = value_of(stop, "operator");
  return person.empty() ? "rule " + value_of(stop, "rule") : "order of " + person;
}

std::string why_not(const std::vector<journal::Entry>& events) {
  if (const Event* refused = last(events, "stop.refused"))
    return "The API refused to stop it: " + refused->message + ".";
  if (const Event* held = last(events, "stop.held"))
    return "It was not stopped: the stop by " + cause_of_event(*held) + " was due and held (" +
           value_of(*held, "reason") + ").";
  if (const Event* would = last(events, "rule.would_stop"))
    return "It was not stopped: rule " + value_of(*would, "rule") + " would have stopped it at " +
           format_rfc3339(would->at) + ", but only observed.";
  if (const Event* averted = last(events, "stop.averted"))
    return "It was not stopped: its stop by " + cause_of_event(*averted) +
           " was not needed any more (" + value_of(*averted, "reason") + ").";
  if (const Event* tripped = last(events, "rule.tripped"))
    return "It was not stopped: rule " + value_of(*tripped, "rule") +
           " had tripped, and its stop was not yet due.";
  return "It was not stopped: no rule tripped.";
}

bool is_told(const Event& event) {
  return event.name.starts_with("rule.") || event.name.starts_with("stop.") ||
         event.name == "job.ended" || event.name == "job.lost" || event.name == "job.seen" ||
         event.name.starts_with("operator.");
}

/// What was measured when it was decided: of the stop, else of the last trip.
std::string evidence_of(const std::vector<journal::Entry>& events, Instant now,
                        const Screen& screen) {
  const Event* event = last(events, "stop.intended");
  if (event == nullptr) event = last(events, "rule.tripped");
  const Value* const evidence = event == nullptr ? nullptr : event->find("evidence");
  if (evidence == nullptr) return {};
  const json::object shown = json_of({{"evidence", *evidence}});
  const std::string table = show_conditions(objects_at(shown, "evidence"), now, screen);
  if (table.empty()) return {};
  return fmt::format("\nThe evidence of {} by rule {}:\n{}", spell_time(event->at, now),
                     plain(value_of(*event, "rule")), table);
}

}  // namespace

std::string upshot_of(const std::vector<journal::Entry>& events) {
  if (events.empty()) return {};
  const Event* const ended = last(events, "job.ended");
  const std::string end = ended == nullptr ? ""
                                           : "It ended at " + format_rfc3339(ended->at) + ", by " +
                                                 value_of(*ended, "by") + ". ";
  if (const Event* confirmed = last(events, "stop.confirmed"))
    return end + "It was stopped by " + cause_of_event(*confirmed) + ", confirmed at " +
           format_rfc3339(confirmed->at) + ".";
  if (const Event* sent = last(events, "stop.sent"))
    return end + "A stop by " + cause_of_event(*sent) + " was sent at " + format_rfc3339(sent->at) +
           "; its end by that was not seen.";
  if (ended != nullptr && value_of(*ended, "by") == "other")
    return end + "Somebody else stopped it. " + why_not(events);
  if (ended == nullptr && last(events, "job.lost") == nullptr) return {};  // it goes on
  return end + why_not(events);
}

std::string show_history(const std::vector<journal::Entry>& events, Instant now,
                         const Screen& screen) {
  if (events.empty()) return {};
  const std::string upshot = upshot_of(events);
  std::string text = upshot.empty()
                         ? "By the journal:\n"
                         : wrap("By the journal: " + plain(upshot), screen.columns, 2) + '\n';
  text += evidence_of(events, now, screen) + '\n';
  for (const journal::Entry& entry : events) {
    if (!is_told(entry.event)) continue;
    const std::string line = fmt::format("{}  {:<14}  {}", format_rfc3339(entry.event.at),
                                         entry.event.name, plain(entry.event.message));
    text += cut(line, screen.columns) + '\n';
  }
  return text;
}

}  // namespace trainstop::cli
