#include "service/events.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "policy/canonical.hpp"

namespace trainstop::service {

namespace {

std::string_view word(policy::Mode mode) {
  return mode == policy::Mode::enforce ? "enforce" : "observe";
}

Event make(std::string name, Level level, Instant utc, std::string message) {
  Event event;
  event.name = std::move(name);
  event.level = level;
  event.at = utc;
  event.message = std::move(message);
  return event;
}

}  // namespace

Event daemon_started(Instant utc, const policy::Config& config, const std::string& file,
                     const Found& found) {
  Value::Array accounts;
  for (const policy::Account& account : config.accounts) accounts.emplace_back(account.name);
  Event event =
      make("daemon.started", Level::info, utc,
           fmt::format("trainstop {} watches {} account{} in mode {}", TRAINSTOP_VERSION,
                       accounts.size(), accounts.size() == 1 ? "" : "s", word(config.mode)));
  event.with("version", TRAINSTOP_VERSION).with("config", file);
  event.with("pid", static_cast<std::int64_t>(::getpid())).with("mode", word(config.mode));
  event.with("accounts", std::move(accounts)).with("rules", config.rules.size());
  if (!found.away) return event;
  event.with("known_jobs", found.live_jobs).with("known_stops", found.open_stops);
  event.with("away_s", *found.away).with("was_killed", found.was_killed);
  return event;
}

Event journal_lost(Instant utc, const std::string& why, const std::string& set_aside) {
  Event event = make("journal.lost", Level::error, utc,
                     "The journal can't be read: " + why +
                         "; what was being stopped, told or counted is not known, and every stop "
                         "is held until the breaker is reset");
  if (!set_aside.empty()) event.with("set_aside", set_aside);
  return event;
}

Event control_unavailable(Instant utc, const std::string& why, Instant since) {
  Event event =
      make("control.unavailable", Level::warning, utc,
           "The control socket can't be opened, and no command reaches the daemon: " + why);
  return std::move(event.with("since", since));
}

Event control_available(Instant utc, const std::string& socket, Duration took) {
  Event event = make("control.available", Level::info, utc, "The control socket is open");
  return std::move(event.with("socket", socket).with("took_s", took));
}

Event waiting_for_date(Instant utc, Duration waited) {
  Event event =
      make("api.unreachable", Level::error, utc,
           "The machine was booted and no API has answered: until one tells the time nothing that "
           "the journal knows can be judged");
  return std::move(event.with("since", saturating_add(utc, -waited)));
}

Event config_loaded(Instant utc, const policy::Config& config,
                    const std::vector<std::string>& warnings) {
  Event event = make("config.loaded", Level::info, utc,
                     fmt::format("Configuration with {} rule{} is in force", config.rules.size(),
                                 config.rules.size() == 1 ? "" : "s"));
  event.with("hash", config.hash).with("rules", config.rules.size());
  if (!warnings.empty()) {
    event.with("warnings", Value::Array(warnings.begin(), warnings.end()));
  }
  return event;
}

Event daemon_ready(Instant utc, Duration took, std::size_t reached, std::size_t accounts,
                   std::size_t live_jobs) {
  const bool all = reached == accounts;
  Event event = make("daemon.ready", all ? Level::info : Level::warning, utc,
                     all ? fmt::format("Every account has been read; {} jobs are alive", live_jobs)
                         : fmt::format("Watching, but only {} of {} accounts could be read so far",
                                       reached, accounts));
  event.with("took_s", took).with("accounts_read", reached).with("jobs", live_jobs);
  return event;
}

Event daemon_stopping(Instant utc, std::string_view signal, std::size_t stops_under_way) {
  Event event =
      make("daemon.stopping", Level::info, utc,
           fmt::format("Ending on {}; {} stop requests are under way", signal, stops_under_way));
  return std::move(event.with("reason", signal).with("stops_under_way", stops_under_way));
}

Event daemon_failed(Instant utc, std::string_view what) {
  Event event = make("daemon.stopping", Level::error, utc,
                     fmt::format("Ending because of an internal error: {}", what));
  return std::move(event.with("reason", "internal error").with("error", what));
}

Event signal_ignored(Instant utc, std::string_view signal) {
  Event event = make("daemon.signal_ignored", Level::info, utc,
                     fmt::format("{} was ignored: the daemon is starting", signal));
  return std::move(event.with("signal", signal));
}

Image config_image(const policy::Config& config, const std::string& file) {
  Image image;
  image.kind = Image::Kind::config;
  image.change = Image::Change::amend;
  image.key = config.hash;
  image.body.emplace_back("file", file);
  image.body.emplace_back("canonical", policy::canonical(config));
  return image;
}

Value::Object run_fields(const policy::Config& config) {
  Value::Object fields;
  fields.emplace_back("version", TRAINSTOP_VERSION);
  fields.emplace_back("pid", static_cast<std::int64_t>(::getpid()));
  fields.emplace_back("config", config.hash);
  fields.emplace_back("mode", word(config.mode));
  return fields;
}

log::Options log_options(const policy::Config& config) {
  log::Options options;
  options.file = config.log.file;
  options.format = config.log.format == policy::LogFormat::json   ? log::Format::json
                   : config.log.format == policy::LogFormat::text ? log::Format::text
                                                                  : log::Format::logfmt;
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
    if (config.log.level == to_string(level)) options.level = level;
  }
  return options;
}

}  // namespace trainstop::service
