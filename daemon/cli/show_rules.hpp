// `rules` and `overrides` for people.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "cli/screen.hpp"

namespace trainstop::cli {

std::string show_rules(const boost::json::object& rules, const Screen& screen);
std::string show_overrides(const boost::json::object& overrides, const Screen& screen);

}  // namespace trainstop::cli
