#include "cli/show_explain.hpp"

#include <fmt/format.h>

#include "cli/answer.hpp"
#include "cli/show_conditions.hpp"
#include "cli/table.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

/// `text`, led in by a word where there is one.
std::string after(std::string_view lead, const std::string& text) {
  return text.empty() ? "" : fmt::format("{}{}", lead, text);
}

/// Whose it is, what it costs, and how old that knowledge is.
std::string facts_of(const json::object& job, Instant now, const Screen& screen) {
  std::string who = after("project ", text_at(job, "project")) +
                    after(", user ", text_at(job, "user")) + after(", team ", text_at(job, "team"));
  std::string what = text_at(job, "phase");
  if (const auto since = instant_at(job, "phase_since"))
    what += fmt::format(" since {} ({})", spell_time(*since, now), spell(now - *since));
  const std::string cost = dollars(number_at(job, "cost"));
  what += cost.empty() ? ", its cost is not known" : ", has cost " + cost;
  if (const auto most = number_at(job, "cost_at_most")) what += " to " + dollars(most);
  what += after(" at ", dollars(number_at(job, "rate"))) + (job.contains("rate") ? "/h" : "");
  what += after("; last seen ", spell_seconds(number_at(job, "facts_age_s"))) + " ago";
  std::string text;
  for (const std::string& line : {who, what, text_at(job, "url")})
    if (!line.empty()) text += wrap(line, screen.columns, 2) + '\n';
  return text;
}

std::string hold_words(const std::string& hold) {
  if (hold == "observe") return "it only observes";
  if (hold == "exempt") return "the job is exempt";
  if (hold == "breaker") return "the breaker is open";
  if (hold == "notice") return "the first notice is not over";
  if (hold == "unknown") return "the job can't be read, or the condition is unknown";
  if (hold == "pause") return "it is paused";
  if (hold == "freeze") return "stops are frozen";
  return hold;
}

/// When it trips, when its stop is due, and what holds that.
std::string outlook_of(const json::object& rule, Instant now) {
  std::string text;
  const auto trip = instant_at(rule, "trip_at"), due = instant_at(rule, "due_at"),
             told = instant_at(rule, "tripped_at");
  if (told) {
    text = fmt::format("tripped {} ({})", spell_until(*told, now), spell_time(*told, now));
  } else if (trip) {
    text = fmt::format("trips {} ({}) if nothing changes", spell_until(*trip, now),
                       spell_time(*trip, now));
  } else if (text_at(rule, "holds") != "yes") {
    text = "does not trip if nothing changes";
  }
  if (due)
    text += fmt::format("{}stop {} {} ({})", text.empty() ? "" : "; ",
                        *due > now ? "is due" : "was due", spell_until(*due, now),
                        spell_time(*due, now));
  const std::string extended = spell_seconds(number_at(rule, "extended_s"));
  if (!extended.empty()) text += "; extended by " + extended;
  const std::string hold = text_at(rule, "hold");
  if (due && !hold.empty()) text += "; held: " + hold_words(hold);
  return text;
}

/// The rule's name, which is one word, and what is to be said of it.
std::string titled(const std::string& name, const std::string& words, Ink ink,
                   const Screen& screen) {
  const std::string text = wrap(name + ' ' + words, screen.columns, 2);
  return screen.in(Ink::bold, text.substr(0, name.size())) +
         screen.in(ink, text.substr(name.size())) + '\n';
}

std::string show_rule(const json::object& rule, Instant now, const Screen& screen) {
  const std::string name = text_at(rule, "rule"), applies = text_at(rule, "applies");
  const std::string because = text_at(rule, "because");
  if (applies == "no") return titled(name, "does not apply: " + because, Ink::dim, screen);
  if (applies != "yes") return titled(name, "is not applied: " + because, Ink::dim, screen);
  const std::string does = text_at(rule, "action") == "warn"    ? "warns: "
                           : text_at(rule, "mode") == "observe" ? "observes: "
                                                                : "stops: ";
  std::string text =
      titled(name, does + text_at(rule, "says") + after("; group ", text_at(rule, "group")),
             Ink::none, screen);
  const std::size_t room = screen.columns == Screen::kNoLimit ? screen.columns : screen.columns - 2;
  if (!because.empty()) text += "  " + wrap(because, room, 2) + '\n';
  const std::string outlook = outlook_of(rule, now);
  const Ink ink = text_at(rule, "holds") == "yes" ? Ink::yellow : Ink::none;
  if (!outlook.empty()) text += "  " + screen.in(ink, wrap(outlook, room, 2)) + '\n';
  return text + show_conditions(objects_at(rule, "conditions"), now, screen);
}

/// What hands have changed for this job.
std::string show_hands(const json::object& explained, Instant now, const Screen& screen) {
  std::string text;
  for (const json::object* made : objects_at(explained, "overrides")) {
    const auto until = instant_at(*made, "until");
    const std::string by = spell_seconds(number_at(*made, "by_s"));
    text += wrap(fmt::format("{}{}{} until {} by {}: {} ({})", text_at(*made, "kind"),
                             after(" by ", by), after(", rule ", text_at(*made, "rule")),
                             until ? spell_time(*until, now) : "", text_at(*made, "operator"),
                             text_at(*made, "reason"), text_at(*made, "id")),
                 screen.columns, 2) +
            '\n';
  }
  return text;
}

}  // namespace

std::string show_explain(const json::object& explained, const Screen& screen) {
  const Instant now = now_of(explained);
  std::string text =
      screen.in(Ink::bold, wrap(text_at(explained, "upshot"), screen.columns, 0)) + "\n\n";
  text += facts_of(explained, now, screen);
  const json::object& exempt = object_at(explained, "exempt");
  if (!exempt.empty()) {
    const auto until = instant_at(exempt, "until");
    text += wrap(fmt::format("exempt{}: {}{}",
                             until ? " until " + spell_time(*until, now) : std::string(),
                             text_at(exempt, "reason"), after("; ", text_at(exempt, "because"))),
                 screen.columns, 2) +
            '\n';
  }
  text += show_hands(explained, now, screen);
  for (const json::object* rule : objects_at(explained, "rules"))
    text += '\n' + show_rule(*rule, now, screen);
  return text;
}

}  // namespace trainstop::cli
