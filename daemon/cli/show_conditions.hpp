// Conditions with their values and limits: of now, or of the evidence of an event.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "cli/screen.hpp"
#include "model/time.hpp"

namespace trainstop::cli {

/// One line each, indented; empty without any.
std::string show_conditions(const std::vector<const boost::json::object*>& conditions, Instant now,
                            const Screen& screen);

}  // namespace trainstop::cli
