// The daemon's answers, member by member, and their values in a person's words. Every text that
// comes out of here is plain().
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.hpp"
#include "model/time.hpp"

namespace trainstop::cli {

/// Empty where the member is absent or something else.
std::string text_at(const boost::json::object& object, std::string_view key);
std::optional<double> number_at(const boost::json::object& object, std::string_view key);
std::optional<Instant> instant_at(const boost::json::object& object, std::string_view key);
bool is_true_at(const boost::json::object& object, std::string_view key);
const boost::json::object& object_at(const boost::json::object& object, std::string_view key);
const boost::json::array& array_at(const boost::json::object& object, std::string_view key);
/// The objects among the items, in order.
std::vector<const boost::json::object*> objects_at(const boost::json::object& object,
                                                   std::string_view key);

/// `at`.
Instant now_of(const boost::json::object& answer);

/// What the core answers, as the socket would send it.
boost::json::object json_of(const Value::Object& answer);

/// One line, with numbers as the daemon writes them.
std::string json_line(const boost::json::object& answer);

/// `3d4h`, `3h12m`, `12m`, `45s`.
std::string spell(Duration duration);
/// The same of a number of seconds; empty without one.
std::string spell_seconds(std::optional<double> seconds);
/// `in 3h12m`, `3h12m ago`, `now`.
std::string spell_until(Instant at, Instant now);
/// `$52.00`; empty without one.
std::string dollars(std::optional<double> amount);
/// `14:06 UTC` of the day of `now`, `2026-11-25 14:06 UTC` of another.
std::string spell_time(Instant utc, Instant now);
/// A job's name, else its id.
std::string name_of(const boost::json::object& job);
/// `rule two-days`, or `order of ana`: why a job is stopped.
std::string cause_of(const boost::json::object& due);
/// `1 job`, `2 jobs`.
std::string count_of(double count, std::string_view thing);

}  // namespace trainstop::cli
