// What the core remembers over a restart: one list of named members for each thing, and three uses
// of it. To write them into an image's body, to read them back, and to see whether any of them has
// changed. A member that is as absent means takes no place.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/state.hpp"
#include "model/image.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

/// Writes members into a body.
class MemberWriter {
 public:
  explicit MemberWriter(Value::Object& body) : body_(body) {}

  template <class T>
  void operator()(const char* name, const T& value, const std::type_identity_t<T>& absent = T{}) {
    if (!(value == absent)) body_.emplace_back(name, to_value(value));
  }

 private:
  static Value to_value(const Bounds& value) {
    return Value::Array{Value(value.earliest), Value(value.latest)};
  }
  template <class T>
  static Value to_value(const std::optional<T>& value) {
    return to_value(*value);
  }
  template <class T>
  requires requires(const T& range) {
    range.begin();
  } &&(!std::is_same_v<T, std::string>)static Value to_value(const T& range) {
    Value::Array values;
    for (const auto& each : range) values.push_back(to_value(each));
    return values;
  }
  template <class T>
  static Value to_value(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value;
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      return static_cast<std::int64_t>(value);
    } else {
      return Value(value);
    }
  }

  Value::Object& body_;
};

/// Reads members back.
class MemberReader {
 public:
  explicit MemberReader(const Value::Object& body) : body_(body) {}

  template <class T>
  void operator()(const char* name, T& value, const std::type_identity_t<T>& absent = T{}) {
    const Value* found = find(name);
    if (found == nullptr) {
      value = absent;
    } else {
      failed_ = !take(*found, value) || failed_;
    }
  }
  /// Whether a member had another type than it is written with.
  bool failed() const { return failed_; }

  /// Whether it can be subtracted from another.
  static bool is_sometime(Instant at) { return at != kNever && at != kLongAgo; }

 private:
  /// Members stand in the order in which they are asked for.
  const Value* find(std::string_view name) {
    for (std::size_t tried = 0; tried < body_.size(); ++tried) {
      const std::size_t at = (next_ + tried) % body_.size();
      if (body_[at].first != name) continue;
      next_ = at + 1;
      return &body_[at].second;
    }
    return nullptr;
  }
  bool take(const Value& found, Bounds& value) const {
    const auto* both = std::get_if<Value::Array>(&found.data);
    return both != nullptr && both->size() == 2 && take((*both)[0], value.earliest) &&
           take((*both)[1], value.latest) && is_sometime(value.earliest) &&
           is_sometime(value.latest);
  }
  template <class T>
  bool take(const Value& found, std::optional<T>& value) const {
    return take(found, value.emplace());
  }
  template <class T>
  requires requires(T& range) {
    range.insert(range.end(), typename T::value_type{});
  } &&(!std::is_same_v<T, std::string>)bool take(const Value& found, T& range) const {
    const auto* values = std::get_if<Value::Array>(&found.data);
    if (values == nullptr) return false;
    range.clear();
    for (const Value& each : *values) {
      typename T::value_type value{};
      if (!take(each, value)) return false;
      range.insert(range.end(), std::move(value));
    }
    return true;
  }
  template <class T>
  bool take(const Value& found, T& value) const {
    if constexpr (!std::is_same_v<T, bool> && (std::is_enum_v<T> || std::is_integral_v<T>)) {
      const auto* number = std::get_if<std::int64_t>(&found.data);
      const bool right = number != nullptr && is_in_range<T>(*number);
      if (right) value = static_cast<T>(*number);
      return right;
    } else {
      const auto* same = std::get_if<T>(&found.data);
      const bool right = same != nullptr && is_sane(*same);
      if (right) value = *same;
      return right;
    }
  }

  template <class T>
  static constexpr bool is_in_range(std::int64_t number) {
    if constexpr (std::is_enum_v<T>) {
      return number >= 0 && number <= static_cast<std::int64_t>(last_of(T{}));
    } else {
      return std::in_range<T>(number);
    }
  }
  static constexpr Phase last_of(Phase) { return Phase::unknown; }
  static constexpr Standing last_of(Standing) { return Standing::paused; }
  static constexpr Hold last_of(Hold) { return Hold::freeze; }
  static constexpr Override::Kind last_of(Override::Kind) { return Override::Kind::raise; }

  // No daemon waits or reckons farther; sums of a few such never overflow.
  static constexpr Duration kWidest = std::chrono::hours(24 * 365 * 1000);

  template <class T>
  static bool is_sane(const T& value) {
    if constexpr (std::is_same_v<T, Instant>) {
      return value == kNever || value == kLongAgo || is_sane(value.time_since_epoch());
    } else if constexpr (std::is_same_v<T, Duration>) {
      return value >= -kWidest && value <= kWidest;
    } else if constexpr (std::is_same_v<T, Money>) {
      return value >= Money{};
    } else {
      return true;
    }
  }

  const Value::Object& body_;
  std::size_t next_ = 0;
  bool failed_ = false;
};

/// A number that differs when a member does (but for one chance in 2^64).
class MemberDigest {
 public:
  template <class T>
  void operator()(const char*, const T& value, const std::type_identity_t<T>& = T{}) {
    mix(value);
  }
  /// Never 0.
  std::uint64_t value() const { return state_ == 0 ? 1 : state_; }

 private:
  void mix_number(std::uint64_t number) {
    state_ = (state_ ^ number) * 0x9e3779b97f4a7c15ULL;
    state_ ^= state_ >> 29;
  }
  void mix(Instant value) {
    mix_number(static_cast<std::uint64_t>(value.time_since_epoch().count()));
  }
  void mix(Duration value) { mix_number(static_cast<std::uint64_t>(value.count())); }
  void mix(Money value) { mix_number(static_cast<std::uint64_t>(value.nano())); }
  void mix(const std::string& value) {
    mix_number(std::hash<std::string>()(value));
    mix_number(value.size());
  }
  void mix(const Bounds& value) {
    mix(value.earliest);
    mix(value.latest);
  }
  template <class T>
  void mix(const std::optional<T>& value) {
    mix_number(value.has_value() ? 1 : 2);
    if (value) mix(*value);
  }
  template <class T>
  requires requires(const T& range) { range.begin(); }
  void mix(const T& range) {
    for (const auto& each : range) mix(each);
    mix_number(range.size());
  }
  template <class T>
  requires(std::is_enum_v<T> || std::is_integral_v<T>) void mix(T value) {
    mix_number(static_cast<std::uint64_t>(value));
  }

  std::uint64_t state_ = 0x243f6a8885a308d3ULL;
};

/// The last part of a key, which the rest stands before.
inline std::string_view last_part(std::string_view& key) {
  const std::size_t slash = key.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view part = key.substr(slash + 1);
  key = key.substr(0, slash);
  return part;
}

// The members. `Self` is the thing itself or const.

template <class Archive, class Self>
requires std::is_same_v<std::remove_const_t<Self>, JobSnapshot>
void members(Archive& archive, Self& job) {
  archive("project", job.project_name);
  archive("name", job.name);
  archive("status", job.status);
  archive("created_at", job.created_at);
  archive("updated_at", job.updated_at);
  archive("instance_type", job.instance_type);
  archive("gpu_count", job.gpu_count);
  archive("gpu_type", job.gpu_type);
  archive("node_count", job.node_count);
  archive("priority", job.priority);
  archive("availability", job.availability);
  archive("user", job.user);
}

template <class Archive, class Self>
requires std::is_same_v<std::remove_const_t<Self>, Pair>
void members(Archive& archive, Self& pair) {
  archive("standing", pair.standing);
  archive("judged", pair.judged);
  archive("birth_told", pair.birth_told);
  archive("expected", pair.expected);
  archive("consequence_told", pair.consequence_told);
  archive("estimate_told", pair.estimate_told);
  archive("shares_told", pair.shares_told);
  archive("told", pair.told, kNever);
  // Before the trip they are computed anew.
  Instant trip = pair.tripped() ? pair.trip : kNever, due = pair.tripped() ? pair.due : kNever;
  archive("trip", trip, kNever);
  archive("due", due, kNever);
  if constexpr (!std::is_const_v<Self>) {
    pair.trip = trip;
    pair.due = due;
  }
}

template <class Archive, class Self>
requires std::is_same_v<std::remove_const_t<Self>, Told>
void members(Archive& archive, Self& told) {
  if (!planted("notice-forgotten")) archive("not_before", told.not_before, kLongAgo);
  archive("repeat_at", told.repeat_at, kNever);
  if (!planted("warnings-forgotten")) archive("warned_due", told.warned_due);
  archive("extended", told.extended);
}

template <class Archive, class Self>
requires std::is_same_v<std::remove_const_t<Self>, Stop>
void members(Archive& archive, Self& stop) {
  archive("id", stop.id);
  archive("rule", stop.cause.rule);
  archive("rule_hash", stop.cause.hash);
  archive("cost_limit", stop.cause.limit);
  archive("group", stop.cause.group);
  archive("trip", stop.cause.trip, kNever);
  archive("due", stop.due, kNever);
  archive("tripped", stop.tripped);
  archive("hold", stop.hold);
  archive("held_since", stop.held_since, kNever);
  archive("held_told", stop.held_told, kLongAgo);
  archive("approved", stop.approved);
  archive("ordered_by", stop.ordered_by);
  archive("order_reason", stop.order_reason);
  archive("verified", stop.verified);
  archive("intended", stop.intended);
  archive("requested_at", stop.requested_at, kNever);
  archive("attempt", stop.attempt);
  archive("failures", stop.failures);
  archive("first_sent", stop.first_sent, kNever);
  archive("accepted", stop.accepted);
  archive("next_deadline", stop.next_deadline, kNever);
  archive("unconfirmed_since", stop.unconfirmed_since, kNever);
  archive("unconfirmed_told", stop.unconfirmed_told, kLongAgo);
  archive("complained_at", stop.complained_at, kLongAgo);
}

/// What was told of a pot in its window.
template <class Archive, class Self>
requires std::is_same_v<std::remove_const_t<Self>, Pot>
void members(Archive& archive, Self& pot) {
  archive("from", pot.window.from, kLongAgo);
  archive("until", pot.window.until, kNever);
  archive("exhausted", pot.exhausted, kNever);
  archive("foreseen", pot.foreseen);
  archive("counted", pot.counted);
  archive("trip", pot.watch.trip, kNever);
  archive("due", pot.watch.due, kNever);
  archive("told", pot.watch.told, kNever);
  archive("shares_told", pot.watch.shares_told);
  archive("shed", pot.shed);
  archive("shed_at", pot.shed_at, kNever);
  archive("overspent", pot.overspent);
  archive("overspent_told", pot.overspent_told, kLongAgo);
  archive("raises", pot.raises);
  Told none;
  auto& more = pot.watch.more ? *pot.watch.more : none;
  archive("repeat_at", more.repeat_at, kNever);
  archive("warned_due", more.warned_due);
  if constexpr (!std::is_const_v<Self>) {
    if (!pot.watch.more) pot.watch.keep() = std::move(none);
  }
}

inline std::uint64_t digest_of(const Stop& stop) {
  MemberDigest digest;
  members(digest, stop);
  return digest.value();
}

/// Of a pair that has kept something.
inline std::uint64_t digest_of(const Pair& pair) {
  MemberDigest digest;
  members(digest, pair);
  members(digest, std::as_const(*pair.more));
  return digest.value();
}

}  // namespace trainstop::core
