#include "policy/period.hpp"
