#include "baseten/decode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "baseten/fields.hpp"

namespace trainstop::baseten {

namespace {

// Longer than anything seen, short enough that thousands of them stay small.
constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kLongestStatus = 128;
constexpr std::size_t kLongestType = 256;
constexpr std::size_t kLongestEmail = 320;
constexpr std::int32_t kMostNodes = 10'000;
constexpr std::int32_t kMostGpus = 1024;
// Forty times the dearest node known: 8 B200 at 0.16633 each. A price a hundred or a thousand times
// too high would make every cost rule trip.
constexpr Money kAbsurdPerMinute = Money::from_dollars(60);
constexpr std::size_t kLongestMessage = 200;
constexpr double kLongestRetryAfterSeconds = 1e9;

Failure unusable(std::string message) {
  Failure failure;
  failure.kind = FailureKind::unusable;
  failure.message = std::move(message);
  return failure;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void decode_instance(Fields& fields, JobSnapshot& job) {
  Fields instance = fields.object("instance_type");
  job.instance_type = instance.text("id", kLongestType);
  job.gpu_count = instance.integer("gpu_count", 0, kMostGpus);
  job.gpu_type = instance.optional_text("gpu_type", kLongestType);
  fields.absorb(instance);
}

/// A number of seconds, or the same as a string.
std::optional<Duration> seconds_of(const JsonValue* value) {
  if (!value) return {};
  double seconds = 0;
  const char* const end = value->text.data() + value->text.size();
  const auto [rest, error] = std::from_chars(value->text.data(), end, seconds);
  const bool is_number = error == std::errc{} && rest == end;
  if (!is_number || !(seconds >= 0 && seconds <= kLongestRetryAfterSeconds)) return {};
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

Result<JobSnapshot> decode_job(const JsonValue& record) {
  Fields fields(record);
  JobSnapshot job;
  job.id = fields.id("id");
  job.status = fields.text("current_status", kLongestStatus);
  job.created_at = fields.time("created_at");
  job.updated_at = fields.time("updated_at");
  decode_instance(fields, job);
  job.project_id = fields.id("training_project_id");
  Fields project = fields.object("training_project");
  job.project_name = project.text("name", kLongestName);
  fields.absorb(project);
  job.name = fields.optional_text("name", kLongestName);
  job.node_count = fields.optional_integer("node_count", 1, kMostNodes);
  job.priority = fields.optional_integer("priority", std::numeric_limits<std::int32_t>::min(),
                                         std::numeric_limits<std::int32_t>::max());
  job.availability = fields.optional_text("availability_model", kLongestStatus);
  if (job.availability) *job.availability = lower(std::move(*job.availability));
  if (auto user = fields.optional_object("user")) {
    job.user = user->optional_text("email", kLongestEmail);
    fields.absorb(*user);
  }
  if (fields.problem().empty()) return job;
  if (job.id.empty()) return unusable(fields.problem());
  return unusable(fmt::format("job {}: {}", job.id, fields.problem()));
}

Result<JobSnapshot> decode_job_reply(std::string_view body, std::string_view project_id,
                                     std::string_view job_id) {
  const auto reply = parse_json(body);
  if (!reply) return unusable("reply is not JSON, or not all of it");
  Fields fields(*reply);
  const JsonValue* const record = fields.find("training_job");
  if (!record) return unusable("reply has no training_job");
  auto job = decode_job(*record);
  if (job.has_error()) return job;
  if (job->id != job_id || job->project_id != project_id) {
    return unusable(fmt::format("reply is about another job ({}/{})", job->project_id, job->id));
  }
  return job;
}

Result<std::pair<std::string, Money>> decode_price(const JsonValue& record) {
  Fields fields(record);
  Fields instance = fields.object("instance_type");
  std::string type = instance.text("id", kLongestType);
  fields.absorb(instance);
  const JsonValue* const value = fields.find("price");
  if (!value) fields.fail("price", "is missing");
  if (!value || !fields.problem().empty()) return unusable(fields.problem());
  const bool is_decimal =
      value->kind == JsonValue::Kind::number || value->kind == JsonValue::Kind::string;
  const auto amount = is_decimal ? parse_decimal_dollars(value->text) : std::nullopt;
  const std::string of = "price of " + quotable(type, kLongestType);
  if (!amount) return unusable(of + " is not an amount");
  const Money price = amount.value_or(Money{});
  if (price <= Money{}) return unusable(of + " is not above zero");
  if (price > kAbsurdPerMinute) return unusable(of + " is absurd: over $60 a minute");
  return std::pair(std::move(type), price);
}

Result<Project> decode_project(const JsonValue& record) {
  Fields fields(record);
  Project project;
  project.id = fields.id("id");
  project.name = fields.text("name", kLongestName);
  project.team = fields.optional_text("team_name", kLongestName);
  if (!fields.problem().empty()) return unusable(fields.problem());
  return project;
}

Result<std::string> decode_user(std::string_view body) {
  const auto reply = parse_json(body);
  if (!reply) return unusable("reply is not JSON, or not all of it");
  Fields fields(*reply);
  const std::string id = fields.text("user_id", kLongestName);
  const auto email = fields.optional_text("email", kLongestEmail);
  if (!fields.problem().empty()) return unusable(fields.problem());
  return quotable(email.value_or(id), kLongestName);
}

ErrorBody decode_error(std::string_view body) {
  ErrorBody result;
  const auto reply = parse_json(body);
  if (!reply || reply->kind != JsonValue::Kind::object) return result;
  Fields fields(*reply);
  for (const std::string_view key : {"message", "error", "detail"}) {
    const JsonValue* const value = fields.find(key);
    if (!value || value->kind != JsonValue::Kind::string || !result.message.empty()) continue;
    result.message = quotable(value->text, kLongestMessage);
  }
  result.retry_after = seconds_of(fields.find("retry_after"));
  return result;
}

std::string quotable(std::string_view text, std::size_t longest) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool is_continuation = (c & 0xc0) == 0x80;
    if (result.size() >= longest && !is_continuation) return result + "…";
    if (c == '\n') {
      result += "\\n";
    } else if (c < 0x20 || c == 0x7f) {
      result += fmt::format("\\x{:02x}", c);
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace trainstop::baseten
