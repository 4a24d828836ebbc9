#include "sim/scenario.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <functional>
#include <set>
#include <stdexcept>
#include <utility>

namespace trainstop::sim {
namespace {

namespace json = boost::json;

/// Takes the members of an object one by one; what nobody took is unknown.
class Members {
 public:
  Members(const json::value& value, std::string place) : place_(std::move(place)) {
    if (!value.is_object()) fail("", "must be an object");
    object_ = &value.get_object();
  }

  const json::value* find(std::string_view key) {
    taken_.insert(std::string(key));
    return object_->if_contains(key);
  }

  template <class T>
  void take(std::string_view key, T& target) {
    const json::value* value = find(key);
    if (value == nullptr) return;
    boost::system::error_code error;
    if constexpr (std::is_same_v<T, std::string>) {
      if (!value->is_string()) fail(key, "must be a string");
      target = std::string(value->get_string());
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!value->is_bool()) fail(key, "must be true or false");
      target = value->get_bool();
    } else {
      target = value->to_number<T>(error);
      if (error) fail(key, "must be a whole number in range");
    }
  }

  template <class T>
  void take(std::string_view key, std::optional<T>& target) {
    const json::value* value = find(key);
    if (value == nullptr || value->is_null()) return;
    target.emplace();
    take(key, *target);
  }

  /// Milliseconds; "never" where that has a meaning.
  void take(std::string_view key, Duration& target) {
    const json::value* value = find(key);
    if (value == nullptr) return;
    if (value->is_string() && value->get_string() == "never") {
      target = kNeverEnds;
      return;
    }
    std::int64_t milliseconds = 0;
    take(key, milliseconds);
    target = std::chrono::milliseconds(milliseconds);
  }

  void take(std::string_view key, std::vector<std::string>& target) {
    if (find(key) == nullptr) return;
    target.clear();
    each(key, [&](const json::value& item, const std::string&) {
      if (!item.is_string()) fail(key, "must hold strings");
      target.emplace_back(item.get_string());
    });
  }

  void each(std::string_view key,
            const std::function<void(const json::value&, const std::string&)>& use) {
    const json::value* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array()) fail(key, "must be a list");
    std::size_t index = 0;
    for (const auto& item : value->get_array()) {
      use(item, fmt::format("{}{}[{}]", place_, key, index++));
    }
  }

  [[noreturn]] void fail(std::string_view key, std::string_view reason) const {
    throw std::invalid_argument(fmt::format("{}{}: {}", place_, key, reason));
  }

  void end() const {
    for (const auto& member : *object_) {
      if (!taken_.contains(std::string(member.key()))) fail(member.key(), "unknown key");
    }
  }

 private:
  std::string place_;
  const json::object* object_ = nullptr;
  std::set<std::string> taken_;
};

json::value parsed(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) throw std::invalid_argument("not JSON: " + error.message());
  return value;
}

std::string inside(const std::string& place) {
  return place.empty() ? place : place + ".";
}

JobScript job_of(const json::value& value, const std::string& place) {
  JobScript job;
  Members members(value, inside(place));
  members.take("id", job.id);
  if (job.id.empty()) members.fail("id", "required");
  members.take("project", job.project_id);
  members.take("name", job.name);
  if (members.find("life") != nullptr) job.life.clear();
  members.each("life", [&](const json::value& item, const std::string& its_place) {
    Members step_members(item, inside(its_place));
    Step step;
    step_members.take("after_ms", step.after);
    step_members.take("status", step.status);
    if (step.status.empty()) step_members.fail("status", "required");
    step_members.end();
    job.life.push_back(step);
  });
  members.take("instance_type", job.instance_type);
  members.take("created_before_ms", job.created_before);
  members.take("node_count", job.node_count);
  members.take("priority", job.priority);
  members.take("availability", job.availability);
  members.take("user", job.user);
  members.take("old_schema", job.old_schema);
  members.take("updated_at_moves", job.updated_at_moves);
  members.take("fraction_digits", job.fraction_digits);
  std::optional<int> offset;
  members.take("offset_minutes", offset);
  if (offset) job.offset = std::chrono::minutes(*offset);
  members.take("stop_latency_ms", job.stop_latency);
  members.take("extra_members", job.extra_members);
  members.end();
  return job;
}

Fault fault_of(const json::value& value, const std::string& place) {
  Fault fault;
  Members members(value, inside(place));
  std::string kind, endpoint = "any";
  members.take("kind", kind);
  const auto known_kind = fault_kind_named(kind);
  if (!known_kind) members.fail("kind", "is no fault: " + kind);
  fault.kind = *known_kind;
  members.take("endpoint", endpoint);
  const auto known_endpoint = endpoint_named(endpoint);
  if (!known_endpoint) members.fail("endpoint", "is none: " + endpoint);
  fault.endpoint = *known_endpoint;
  members.take("job", fault.job_id);
  const json::value* count = members.find("count");
  if (count != nullptr && count->is_string() && count->get_string() == "always") {
    fault.count = kAlways;
  } else {
    members.take("count", fault.count);
  }
  members.take("skip", fault.skip);
  members.take("status", fault.status);
  members.take("body", fault.body);
  members.take("duration_ms", fault.duration);
  members.take("bytes", fault.bytes);
  members.take("jobs", fault.jobs);
  members.take("headers", fault.headers);
  members.take("applies", fault.applies);
  members.end();
  return fault;
}

InstanceType instance_type_of(const json::value& value, const std::string& place) {
  InstanceType type;
  Members members(value, inside(place));
  members.take("id", type.id);
  type.name = type.id;
  members.take("name", type.name);
  members.take("gpu_count", type.gpu_count);
  if (const json::value* gpu = members.find("gpu_type"); gpu != nullptr && gpu->is_null()) {
    type.gpu_type.reset();
  }
  members.take("gpu_type", type.gpu_type);
  members.take("price", type.price);  // JSON text in a string, so that it can be absurd
  members.take("priced", type.priced);
  members.end();
  return type;
}

Project project_of(const json::value& value, const std::string& place) {
  Project project;
  Members members(value, inside(place));
  members.take("id", project.id);
  project.name = project.id;
  members.take("name", project.name);
  members.take("team", project.team);
  members.end();
  return project;
}

void read_settings(const json::value& value, Settings& settings) {
  Members members(value, "settings.");
  members.take("key", settings.key);
  members.take("stop_latency_ms", settings.stop_latency);
  members.take("stop_of_ended", settings.stop_of_ended);
  members.take("stop_reply_is_stopped", settings.stop_reply_is_stopped);
  members.take("refuse_unknown_statuses", settings.refuse_unknown_statuses);
  members.take("known_statuses", settings.known_statuses);
  members.take("wrong_key_status", settings.wrong_key_status);
  std::string shape = "code_and_message";
  members.take("error_shape", shape);
  if (shape != "code_and_message" && shape != "error_only") {
    members.fail("error_shape", "code_and_message or error_only");
  }
  settings.error_shape =
      shape == "error_only" ? ErrorShape::error_only : ErrorShape::code_and_message;
  members.take("rate_limit", settings.rate_limit);
  members.take("clock_offset_ms", settings.clock_offset);
  members.take("usage_lag_ms", settings.usage_lag);
  members.take("usage_percent", settings.usage_percent);
  members.take("usage_as_text", settings.usage_as_text);
  if (const json::value* latency = members.find("latency_ms")) {
    Members by_endpoint(*latency, "settings.latency_ms.");
    for (std::size_t i = 0; i < kEndpoints; ++i) {
      by_endpoint.take(to_string(static_cast<Endpoint>(i)), settings.latency[i]);
    }
    by_endpoint.end();
  }
  members.end();
}

}  // namespace

Scenario read_scenario(const std::string& text) {
  const json::value value = parsed(text);
  Scenario scenario;
  Members members(value, "");
  if (const json::value* settings = members.find("settings")) {
    read_settings(*settings, scenario.settings);
  }
  if (members.find("instance_types") != nullptr) scenario.settings.instance_types.clear();
  members.each("instance_types", [&](const json::value& item, const std::string& place) {
    scenario.settings.instance_types.push_back(instance_type_of(item, place));
  });
  members.each("projects", [&](const json::value& item, const std::string& place) {
    scenario.settings.projects.push_back(project_of(item, place));
  });
  members.each("jobs", [&](const json::value& item, const std::string& place) {
    scenario.jobs.push_back(job_of(item, place));
  });
  members.each("faults", [&](const json::value& item, const std::string& place) {
    scenario.faults.push_back(fault_of(item, place));
  });
  members.end();
  return scenario;
}

JobScript read_job(const std::string& text) {
  return job_of(parsed(text), "");
}

Fault read_fault(const std::string& text) {
  return fault_of(parsed(text), "");
}

StatusOrder read_status_order(const std::string& text) {
  const json::value value = parsed(text);
  Members members(value, "");
  StatusOrder order;
  members.take("job", order.job);
  members.take("status", order.status);
  if (order.status.empty()) members.fail("status", "required");
  members.end();
  return order;
}

}  // namespace trainstop::sim
