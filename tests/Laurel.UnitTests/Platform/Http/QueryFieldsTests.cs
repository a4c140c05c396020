using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Http;

public sealed class QueryFieldsTests
{
    private static readonly string s_cursor = Cursor.Write(7, 8);

    [Fact]
    public void GivesDefaults_When_TheQueryIsEmpty()
    {
        var query = QueryOf(string.Empty);

        (query.Limit(), query.CursorOrNull(2), query.TimeOrNull("from"), query.Flag("open", true))
            .ShouldBe((50, null, null, true));
        query.RefuseUnknown();
        query.Failure.ShouldBeNull();
    }

    [Fact]
    public void GivesTheValues_When_AllAreGiven()
    {
        var query = QueryOf(
            $"?limit=200&cursor={s_cursor}&from=1970-01-01T08:00:00%2B08:00&externalId=e%CC%81&name=%20a&memberId=9"
            + "&kind=earn&open=false&n=-5");

        query.Limit().ShouldBe(200);
        query.CursorOrNull(2).ShouldBe([7, 8]);
        query.TimeOrNull("from").ShouldBe(new Instant(0));
        query.IdentifierOrNull("externalId", 1).ShouldBe("é");
        query.TextOrNull("name", 9).ShouldBe(" a");
        query.MemberIdOrNull("memberId").ShouldBe(new MemberId(9));
        query.ChoiceOrNull("kind", "spend", "earn").ShouldBe("earn");
        query.Flag("open", true).ShouldBeFalse();
        query.IntegerOrNull("n", -9, 9).ShouldBe(-5);
        query.RefuseUnknown();
        query.Failure.ShouldBeNull();
    }

    [Theory]
    [InlineData("?limit=0", "OUT_OF_RANGE limit")]
    [InlineData("?limit=201", "OUT_OF_RANGE limit")]
    [InlineData("?limit=99999999999999999999", "OUT_OF_RANGE limit")]
    [InlineData("?limit=", "NOT_AN_INTEGER limit")]
    [InlineData("?limit=1.5", "NOT_AN_INTEGER limit")]
    [InlineData("?limit=%2B5", "NOT_AN_INTEGER limit")]
    [InlineData("?limit=-0", "NOT_AN_INTEGER limit")]
    [InlineData("?limit=5&limit=5", "DUPLICATE_FIELD limit")]
    [InlineData("?Limit=5", "UNKNOWN_FIELD Limit")]
    [InlineData("?cursor=x", "INVALID_FORMAT cursor")]
    [InlineData("?cursor=", "INVALID_FORMAT cursor")]
    [InlineData("?from=2025-01-01", "INVALID_FORMAT from")]
    [InlineData("?from=2025-01-01T00:00:00+08:00", "INVALID_FORMAT from")]
    [InlineData("?from=1000-01-01T00:00:00Z", "OUT_OF_RANGE from")]
    [InlineData("?externalId=%20x", "INVALID_FORMAT externalId")]
    [InlineData("?externalId=%00", "INVALID_TEXT externalId")]
    [InlineData("?name=%20", "TOO_SHORT name")]
    [InlineData("?name=123456", "TOO_LONG name")]
    [InlineData("?memberId=M1", "INVALID_FORMAT memberId")]
    [InlineData("?kind=Earn", "INVALID_FORMAT kind")]
    [InlineData("?open=1", "INVALID_FORMAT open")]
    [InlineData("?colour=red&colour=blue", "UNKNOWN_FIELD colour")]
    public void NamesTheParameter_When_TheQueryIs(string text, string fault) =>
        FaultsOf(text).ShouldBe([fault]);

    [Fact]
    public void NamesEveryFaultAtOnce_When_ThereAreMany() =>
        FaultsOf("?limit=x&cursor=x&zebra=1").ShouldBe(
            ["NOT_AN_INTEGER limit", "INVALID_FORMAT cursor", "UNKNOWN_FIELD zebra"]);

    private static string[] FaultsOf(string text)
    {
        var query = QueryOf(text);
        query.Limit();
        query.CursorOrNull(2);
        query.TimeOrNull("from");
        query.IdentifierOrNull("externalId", 5);
        query.TextOrNull("name", 5);
        query.MemberIdOrNull("memberId");
        query.ChoiceOrNull("kind", "spend", "earn");
        query.Flag("open", false);
        query.RefuseUnknown();
        var errors = query.Failure.ShouldNotBeNull().Errors;
        errors.ShouldAllBe(e => e.Origin == FieldOrigin.Query);
        return errors.Select(e => $"{e.Code} {e.Location}").ToArray();
    }

    private static QueryFields QueryOf(string text) => new(HttpScenario.Get(text).Request);
}
