// The words of days of the week and times of day, as windows and budgets write them.
#pragma once

#include <string>
#include <string_view>

namespace trainstop::policy {

/// `mon`, `Mon`, `monday` as 0 from Monday; -1 for anything else.
int day_of(std::string_view word);

/// `Mon` for 0.
std::string_view day_name(int day);

/// `09:00`, up to `24:00`, as the minute of the day; -1 for anything else.
int time_of(std::string_view text);

/// The minute of the day as time_of reads it.
std::string spell_time(int minute);

}  // namespace trainstop::policy
