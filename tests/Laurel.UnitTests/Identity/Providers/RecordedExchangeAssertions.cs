using Microsoft.AspNetCore.WebUtilities;
using Shouldly;

namespace Laurel.UnitTests.Identity.Providers;

/// <summary>Holds what we send against what was recorded.</summary>
internal static class RecordedExchangeAssertions
{
    /// <summary>The same path, and all parameters of the recording with their values; there may be more.</summary>
    public static void ShouldBeAskedBy(this RecordedExchange recorded, Asked asked)
    {
        asked.Path.ShouldBe(recorded.Url.AbsolutePath);
        foreach (var (name, value) in QueryHelpers.ParseQuery(recorded.Url.Query))
        {
            asked[name].ShouldBe(value.ToString(), name);
        }
    }
}
