#include "notify/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "notify/fields.hpp"

namespace trainstop::notify {

namespace {

std::string spell(Duration duration) {
  return format_duration(std::chrono::round<std::chrono::seconds>(duration));
}

/// A value as people read it; empty when it is no amount.
std::string spell(const Value& value) {
  if (const auto* money = std::get_if<Money>(&value.data)) return format_dollars(*money);
  if (const auto* duration = std::get_if<Duration>(&value.data)) return spell(*duration);
  if (const auto* text = std::get_if<std::string>(&value.data)) return *text;
  if (const auto* number = std::get_if<double>(&value.data)) return fmt::format("{:.2f}", *number);
  return {};
}

std::string spell(const Event& event, std::string_view name) {
  const Value* value = event.find(name);
  return value == nullptr ? std::string() : spell(*value);
}

std::string level_word(Level level) {
  if (level == Level::error) return "Error: ";
  return level == Level::warning ? "Warning: " : "";
}

/// `Job llama-sft (p7qr9qv) of project llm-team, owner ana@corp.example, running.`
void add_job(std::string& text, const Event& event) {
  const std::string_view job = text_field(event, "job");
  if (job.empty()) return;
  const std::string_view name = text_field(event, "job_name");
  text += " Job ";
  text += name.empty() ? std::string(job) : fmt::format("{} ({})", name, job);
  const std::string_view project = text_field(event, "project");
  if (!project.empty()) text += fmt::format(" of project {}", project);
  if (const auto user = text_field(event, "user"); !user.empty())
    text += fmt::format(", owner {}", user);
  if (const auto phase = text_field(event, "phase"); !phase.empty())
    text += fmt::format(", {}", phase);
  text += '.';
}

void add_amounts(std::string& text, const Event& event) {
  const std::string_view rule = text_field(event, "rule");
  const std::string value = spell(event, "value"), limit = spell(event, "limit");
  const std::string_view group = text_field(event, "group");
  if (!rule.empty()) text += fmt::format(" Rule {}", rule);
  if (!rule.empty() && !group.empty()) text += fmt::format(", group {}", group);
  if (!rule.empty() && !value.empty() && !limit.empty())
    text += fmt::format(": {} of {}", value, limit);
  if (!rule.empty()) text += '.';
  if (const auto cost = spell(event, "cost"); !cost.empty())
    text += fmt::format(" It has cost {} so far.", cost);
  if (const auto* rate = field<Money>(event, "rate"))
    text += fmt::format(" It burns {} an hour.", format_dollars(*rate));
}

bool is_observed(const Event& event) {
  return text_field(event, "mode") == "observe" && !text_field(event, "rule").empty();
}

std::string_view due_words(bool observed, bool past) {
  if (observed) return past ? "would have been" : "would be";
  return past ? "was" : "is";
}

void add_times(std::string& text, const Event& event) {
  if (const auto* due = field<Instant>(event, "due_at")) {
    text += fmt::format(" The stop {} due at {}", due_words(is_observed(event), *due < event.at),
                        format_rfc3339(*due));
    if (*due > event.at) text += fmt::format(", in {}", spell(*due - event.at));
    text += is_observed(event) ? "; the rule observes and stops nothing." : ".";
  }
  if (const auto* reset = field<Instant>(event, "resets_at"))
    text += fmt::format(" The budget resets at {}.", format_rfc3339(*reset));
  if (const auto* since = field<Instant>(event, "since"))
    text += fmt::format(" Since {}.", format_rfc3339(*since));
  if (const auto* late = field<Duration>(event, "late_s"))
    text += fmt::format(" The request left {} after it was due.", format_duration(*late));
  if (const auto margin = spell(event, "margin"); !margin.empty())
    text += fmt::format(" {} were left of the limit.", margin);
}

bool announces_stop(const Event& event) {
  const bool warns = event.name == "rule.warned" || event.name == "rule.tripped" ||
                     event.name == "budget.warned" || event.name == "budget.exhausted";
  return warns && !is_observed(event) && text_field(event, "action") == "stop" &&
         event.find("due_at") != nullptr;
}

void add_commands(std::string& text, const Event& event) {
  if (!announces_stop(event)) return;
  const std::string rule = shell_word(text_field(event, "rule"));
  const std::string_view job = text_field(event, "job"), group = text_field(event, "group");
  if (!group.empty()) {
    const auto pot = fmt::format("{}/{}", text_field(event, "rule"), group);
    text += fmt::format(
        " To raise the budget: `trainstop budgets raise {} --by '$100' "
        "--reason '…'`.",
        shell_word(pot));
  }
  if (job.empty()) return;
  const std::string of = fmt::format("{} --rule {}", shell_word(job), rule);
  if (group.empty() && text_field(event, "unit") != "USD")
    text += fmt::format(" To put the stop off: `trainstop extend {} --by 4h --reason '…'`.", of);
  text += fmt::format(" To take the job out: `trainstop exempt {} --for 1d --reason '…'`.", of);
}

/// Whether a mark begins here that ends lines, turns the direction of writing or can't be seen:
/// U+200B to U+200F, U+2028 to U+202E, U+2060 to U+2069, U+FEFF; all are three bytes of UTF-8.
bool is_hidden_mark(std::string_view text) {
  if (text.size() < 3) return false;
  const auto last = static_cast<unsigned char>(text[2]);
  if (text.starts_with("\xe2\x80")) {
    return (last >= 0x8b && last <= 0x8f) || (last >= 0xa8 && last <= 0xae);
  }
  if (text.starts_with("\xe2\x81")) return last >= 0xa0 && last <= 0xa9;
  return text.starts_with("\xef\xbb\xbf");
}

/// Without control characters and hidden marks: no name can begin a line of its own.
std::string visible(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = is_hidden_mark(text) ? 3 : 1;
    const auto byte = static_cast<unsigned char>(text[0]);
    if (length == 3 || byte < 0x20 || byte == 0x7f) {
      shown += ' ';
    } else {
      shown += text[0];
    }
    text.remove_prefix(length);
  }
  return shown;
}

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string text_of(const Event& event) {
  std::string text = level_word(event.level) + event.message;
  if (!text.ends_with('.')) text += '.';
  add_job(text, event);
  add_amounts(text, event);
  add_times(text, event);
  add_commands(text, event);
  if (const auto url = text_field(event, "url"); !url.empty()) text += fmt::format(" {}", url);
  return visible(text);
}

std::string mention_of(const Event& event, const std::map<std::string, std::string>& people) {
  const std::string_view user = text_field(event, "user");
  if (user.empty()) return {};
  for (const auto& [address, mention] : people) {
    if (same_letters(address, user)) return mention;
  }
  return {};
}

std::string shell_word(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_./@:,+").find(c) != std::string_view::npos;
  });
  if (plain && text[0] != '-') return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace trainstop::notify
