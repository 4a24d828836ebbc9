// The events that the shell itself tells: the daemon's own life.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "log/sink.hpp"
#include "model/event.hpp"
#include "policy/config.hpp"

namespace trainstop::service {

Event daemon_started(Instant utc, const policy::Config& config, const std::string& file);
/// `warnings`: what the reader said of a configuration that it took.
Event config_loaded(Instant utc, const policy::Config& config,
                    const std::vector<std::string>& warnings);
/// `reached` of the accounts have answered with a list.
Event daemon_ready(Instant utc, Duration took, std::size_t reached, std::size_t accounts,
                   std::size_t live_jobs);
Event daemon_stopping(Instant utc, std::string_view signal, std::size_t stops_under_way);
/// The end after a bug: what was thrown.
Event daemon_failed(Instant utc, std::string_view what);
Event signal_ignored(Instant utc, std::string_view signal);

/// The log as the configuration asks for it.
log::Options log_options(const policy::Config& config);

}  // namespace trainstop::service
