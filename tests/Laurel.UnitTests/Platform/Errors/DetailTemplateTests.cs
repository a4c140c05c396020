using System.Globalization;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Errors;

public sealed class DetailTemplateTests
{
    private static readonly Dictionary<string, object?> s_values = new()
    {
        ["required"] = 500L,
        ["available"] = -3L,
        ["latest"] = new Instant(1_000_000),
        ["expected"] = new Wording("a time", "时间"),
        ["list"] = new[] { "a", "b" },
        ["nothing"] = null,
    };

    [Theory]
    [InlineData("no placeholder", "no placeholder")]
    [InlineData("{required} of {available}.", "500 of -3.")]
    [InlineData("{latest}", "1970-01-01T00:00:01Z")]
    [InlineData("{list}{nothing}", "a, b-")]
    [InlineData("{unheard}", "{unheard}")]
    [InlineData("open { brace", "open { brace")]
    [InlineData("must be {expected}", "must be a time")]
    public void FillsInTheValues_When_English(string template, string expected) =>
        DetailTemplate.Fill(template, s_values, Language.English).ShouldBe(expected);

    [Fact]
    public void TakesTheChineseWording_When_Chinese() =>
        DetailTemplate.Fill("必须是{expected}", s_values, Language.Chinese).ShouldBe("必须是时间");

    [Fact]
    public void WritesNumbersTheSameEverywhere_When_TheMachineIsGerman()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            var values = new Dictionary<string, object?> { ["rate"] = 1.5m };

            DetailTemplate.Fill("{rate}", values, Language.English).ShouldBe("1.5");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
