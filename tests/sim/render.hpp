// JSON and time as the Baseten API writes them (schemas of its OpenAPI document).
#pragma once

#include <string>
#include <string_view>

#include "sim/types.hpp"

namespace trainstop::sim {

struct JobState;
class World;

/// A JSON string with its quotes.
std::string quoted(std::string_view text);

/// RFC 3339 with 0 to 6 fractional digits (cut), in UTC (`Z`) or at an offset.
std::string render_time(WallTime time, int fraction_digits,
                        std::optional<std::chrono::minutes> offset);
/// `Sun, 06 Nov 1994 08:49:37 GMT`
std::string render_http_date(WallTime time);

/// InstanceTypeV1
std::string render_instance_type(const InstanceType& type);
/// TrainingJobV1; `shift` is the API clock's error.
std::string render_job(const JobState& job, const InstanceType& type, Duration shift);
/// TrainingProjectV1, with its newest job.
std::string render_project(World& world, const Project& project);
/// InstanceTypePricesV1
std::string render_prices(const std::vector<InstanceType>& types);

/// An error body in one of the two shapes of the API.
std::string render_error(ErrorShape shape, std::string_view code, std::string_view message);

}  // namespace trainstop::sim
