// The events that the shell itself tells: the daemon's own life.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log/sink.hpp"
#include "model/event.hpp"
#include "model/image.hpp"
#include "policy/config.hpp"

namespace trainstop::service {

/// What a start found of earlier runs.
struct Found {
  std::size_t live_jobs = 0, open_stops = 0;
  std::optional<Duration>
      away;                 ///< since the last sign of life of the run before; empty without one
  bool was_killed = false;  ///< the run before had no orderly end
};
Event daemon_started(Instant utc, const policy::Config& config, const std::string& file,
                     const Found& found);
/// A journal was there and what it knew is lost.
Event journal_lost(Instant utc, const std::string& why, const std::string& set_aside);
/// The first reply of an API is waited for: without it nobody knows what the time is.
Event waiting_for_date(Instant utc, Duration waited);
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

/// The control socket can't be had; told again while that lasts.
Event control_unavailable(Instant utc, const std::string& why, Instant since);
Event control_available(Instant utc, const std::string& socket, Duration took);

/// For the journal: what was loaded (its canonical text bears no secret), and who runs.
Image config_image(const policy::Config& config, const std::string& file);
Value::Object run_fields(const policy::Config& config);

/// The log as the configuration asks for it.
log::Options log_options(const policy::Config& config);

}  // namespace trainstop::service
