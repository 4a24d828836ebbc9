// An event: a name, a level, a sentence and typed fields. What the journal holds, the log prints
// and sinks send.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/job.hpp"
#include "model/money.hpp"
#include "model/phase.hpp"
#include "model/time.hpp"

namespace trainstop {

enum class Level : std::uint8_t { debug, info, warning, error };

std::string_view to_string(Level level);

/// One value of an event's field. Absent means unknown; a field that is not known is not added.
struct Value {
  using Array = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;
  /// A Money prints as a number of dollars, a Duration as a number of seconds (milliseconds kept),
  /// an Instant, which is UTC here, as RFC 3339.
  std::variant<bool, std::int64_t, double, std::string, Money, Duration, Instant, Array, Object>
      data;

  Value(bool value) : data(value) {}
  Value(int value) : data(std::int64_t{value}) {}
  Value(std::int64_t value) : data(value) {}
  Value(std::size_t value) : data(static_cast<std::int64_t>(value)) {}
  Value(double value) : data(value) {}
  Value(const char* value) : data(std::string(value)) {}
  Value(std::string_view value) : data(std::string(value)) {}
  Value(std::string value) : data(std::move(value)) {}
  Value(Money value) : data(value) {}
  Value(Duration value) : data(value) {}
  Value(Instant utc) : data(utc) {}
  Value(Array value) : data(std::move(value)) {}
  Value(Object value) : data(std::move(value)) {}
  bool operator==(const Value&) const = default;
};

/// The job that an event is about, for those who choose among events. Neither printed nor kept.
struct Subject {
  std::string account;
  std::optional<std::string> team;
  Phase phase = Phase::unknown;
  JobRef job;
};

struct Event {
  std::string name;  ///< `stop.sent`; the list is in the event reference
  Level level = Level::info;
  Instant at;           ///< UTC
  std::string message;  ///< one sentence for people; becomes `msg`
  Value::Object fields;
  std::shared_ptr<const Subject> subject = nullptr;  ///< absent: it is about no single job

  Event& with(std::string_view key, Value value) {
    fields.emplace_back(std::string(key), std::move(value));
    return *this;
  }
  /// The field of that name, or nullptr.
  const Value* find(std::string_view key) const;
};

}  // namespace trainstop
