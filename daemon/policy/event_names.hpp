// What the configuration knows of events' names: the areas before the dot, and which events a sink
// is told of that names none.
#pragma once

#include <span>
#include <string_view>

namespace trainstop::policy {

/// `rule`, `stop`, …: what stands before the dot in the name of some event.
std::span<const std::string_view> event_areas();

/// Whether some name in a known area fits the glob.
bool may_match_event(std::string_view glob);

/// The globs of a sink without `events`: what a person should hear of, without the steps of a stop
/// and what is told of every poll.
std::span<const std::string_view> default_events();

}  // namespace trainstop::policy
