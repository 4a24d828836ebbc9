// Which sinks are told of an event. Decides only.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/event.hpp"
#include "policy/config.hpp"

namespace trainstop::notify {

/// A sink is told of what its `events` fit, and of a job only what its `match` fits; an event about
/// no single job needs no match. A rule's own `notify` adds sinks to all events of the rule,
/// whatever those sinks chose. Two things nobody gets by accident: what an observed rule does goes
/// only to sinks that ask for `rule.would_stop`, and events of level debug go to none. No sink is
/// told of its own failure.
class Router {
 public:
  explicit Router(const policy::Config& config);

  /// The names of the sinks, in the configuration's order.
  std::vector<std::string> route(const Event& event) const;

 private:
  bool is_told(const policy::NotifySink& sink, const Event& event) const;

  std::vector<policy::NotifySink> sinks_;
  std::map<std::string, std::set<std::string>> by_rule_;  ///< a rule's own sinks
};

}  // namespace trainstop::notify
