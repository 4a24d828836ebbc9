#include "sim/types.hpp"

#include <time.h>

#include <utility>

namespace trainstop::sim {
namespace {

constexpr std::array<std::pair<Endpoint, std::string_view>, kEndpoints> kNames{{
    {Endpoint::any, "any"},
    {Endpoint::search, "search"},
    {Endpoint::read, "read"},
    {Endpoint::stop, "stop"},
    {Endpoint::prices, "prices"},
    {Endpoint::projects, "projects"},
    {Endpoint::project_jobs, "project_jobs"},
    {Endpoint::me, "me"},
    {Endpoint::usage, "usage"},
    {Endpoint::other, "other"},
}};

Duration read_clock(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return std::chrono::duration_cast<Duration>(std::chrono::seconds(time.tv_sec) +
                                              std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace

Moment read_clocks() {
  return {WallTime(read_clock(CLOCK_REALTIME)), read_clock(CLOCK_BOOTTIME)};
}

std::string_view to_string(Endpoint endpoint) {
  return kNames[static_cast<std::size_t>(endpoint)].second;
}

std::optional<Endpoint> endpoint_named(std::string_view name) {
  for (const auto& [endpoint, its_name] : kNames) {
    if (its_name == name) return endpoint;
  }
  return std::nullopt;
}

bool is_ended(std::string_view status) {
  return status.ends_with("_COMPLETED") || status.ends_with("_FAILED") ||
         status.ends_with("_STOPPED") || status.ends_with("_PREEMPTED") ||
         status.ends_with("_EXPIRED") || status.ends_with("_CANCELED") ||
         status.ends_with("_CANCELLED");
}

}  // namespace trainstop::sim
