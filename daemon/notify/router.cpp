#include "notify/router.hpp"

#include <algorithm>
#include <string_view>

#include "notify/fields.hpp"

namespace trainstop::notify {

namespace {

bool asks_for(const policy::NotifySink& sink, std::string_view event) {
  return std::any_of(sink.events.begin(), sink.events.end(), [&](const std::string& glob) {
    return policy::glob_matches(glob, event, false);
  });
}

policy::JobAttributes attributes(const Subject& subject) {
  policy::JobAttributes of = policy::attributes_of(*subject.job);
  of.account = subject.account;
  of.team = subject.team;
  of.phase = subject.phase;
  return of;
}

bool fits(const policy::NotifySink& sink, const Event& event) {
  if (!sink.match || !event.subject || !event.subject->job) return true;
  return policy::matches(*sink.match, attributes(*event.subject)) == Truth::yes;
}

}  // namespace

Router::Router(const policy::Config& config) : sinks_(config.notify) {
  for (const policy::Rule& rule : config.rules) {
    if (!rule.notify.empty()) by_rule_[rule.name] = {rule.notify.begin(), rule.notify.end()};
  }
}

std::vector<std::string> Router::route(const Event& event) const {
  std::vector<std::string> told;
  if (event.level == Level::debug) return told;
  for (const policy::NotifySink& sink : sinks_) {
    if (is_told(sink, event)) told.push_back(sink.name);
  }
  return told;
}

bool Router::is_told(const policy::NotifySink& sink, const Event& event) const {
  if (event.name == kFailedEvent && text_field(event, "sink") == sink.name) return false;
  const std::string_view rule = text_field(event, "rule");
  const bool observed = !rule.empty() && text_field(event, "mode") == "observe";
  if (observed && !asks_for(sink, "rule.would_stop")) return false;
  const auto own = by_rule_.find(std::string(rule));
  if (own != by_rule_.end() && own->second.contains(sink.name)) return true;
  return asks_for(sink, event.name) && fits(sink, event);
}

}  // namespace trainstop::notify
