// What the faults do to the records of a reply: text in, text out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fault.hpp"
#include "sim/types.hpp"

namespace trainstop::sim {

/// One rendered job, with the fault's mark where it has one.
std::string mangle_record(const Fault& fault, const std::string& record);

/// The records of a list, as the fault leaves them; `stale` are those of when it was added.
std::vector<std::string> mangle_list(const Fault& fault, std::vector<std::string> records,
                                     const std::vector<std::string>& stale);

/// The instance types with the prices that the fault tells.
std::vector<InstanceType> mangle_prices(const Fault& fault, std::vector<InstanceType> types);

/// A whole body (bom, trailing data, deep nesting, bad UTF-8); others leave it alone.
std::string mangle_body(const Fault& fault, std::string body);

/// A rendered job that says another status.
std::string with_status(std::string record, std::string_view status);

/// Whether the kind changes records or bodies, so that a reply cannot come from the cache.
bool mangles(FaultKind kind);

}  // namespace trainstop::sim
