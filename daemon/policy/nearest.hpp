// "Did you mean": the word of a list that is nearest to a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trainstop::policy {

/// How many letters must be changed, added, taken away or swapped with their neighbour to make `b`
/// of `a`, without case.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, when it is near enough to be meant; else empty.
std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates);

/// `; did you mean 'grace'?`, or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace trainstop::policy
