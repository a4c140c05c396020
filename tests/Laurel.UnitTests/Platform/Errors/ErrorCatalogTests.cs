using System.Reflection;
using Laurel.Platform.Errors;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Errors;

public sealed class ErrorCatalogTests
{
    public static TheoryData<string> Codes => [.. ErrorCatalog.All.Select(k => k.Code)];

    public static TheoryData<string> FieldCodes => [.. FieldErrorCatalog.All.Select(k => k.Code)];

    [Fact]
    public void HoldsEachCodeOnce_When_BothTablesAreRead()
    {
        string[] codes = [.. ErrorCatalog.All.Select(k => k.Code), .. FieldErrorCatalog.All.Select(k => k.Code)];

        codes.ShouldBeUnique();
    }

    [Fact]
    public void HoldsExactlyTheNamedCodes_When_ComparedWithTheConstants()
    {
        ErrorCatalog.All.Select(k => k.Code).ShouldBe(ConstantsOf(typeof(ErrorCode)), ignoreOrder: true);
        FieldErrorCatalog.All.Select(k => k.Code).ShouldBe(ConstantsOf(typeof(FieldErrorCode)), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void SpeaksBothLanguages_When_AnyCode(string code)
    {
        var kind = ErrorCatalog.Get(code);

        string[] english = [kind.TitleEnglish, kind.DetailEnglish];
        string[] chinese = [kind.TitleChinese, kind.DetailChinese];
        english.ShouldAllBe(text => text.Length > 0 && !IsChinese(text));
        chinese.ShouldAllBe(text => IsChinese(text));
        kind.Status.ShouldBeInRange(400, 503);
        kind.Type.ShouldBe($"https://laurel.dev/errors/{code}");
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void DeclaresEveryPlaceholder_When_AnyCode(string code)
    {
        var kind = ErrorCatalog.Get(code);

        var declared = kind.Values.Select(v => v.Name);
        DetailTemplate.Placeholders(kind.DetailEnglish).ShouldBe(declared, ignoreOrder: true);
        DetailTemplate.Placeholders(kind.DetailChinese).ShouldBe(declared, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(FieldCodes))]
    public void SpeaksBothLanguagesAndDeclaresItsPlaceholders_When_AnyFieldCode(string code)
    {
        var kind = FieldErrorCatalog.Find(code).ShouldNotBeNull();

        IsChinese(kind.DetailEnglish).ShouldBeFalse();
        IsChinese(kind.DetailChinese).ShouldBeTrue();
        DetailTemplate.Placeholders(kind.DetailEnglish).ShouldBe(kind.Values, ignoreOrder: true);
        DetailTemplate.Placeholders(kind.DetailChinese).ShouldBe(kind.Values, ignoreOrder: true);
    }

    [Theory]
    [InlineData("VALIDATION_FAILED", 400, false, true)]
    [InlineData("POINTS_INSUFFICIENT", 422, false, true)]
    [InlineData("MEMBER_EXISTS", 409, false, true)]
    [InlineData("MEMBER_NOT_FOUND", 404, false, false)]
    [InlineData("ORDER_NOT_FOUND", 404, false, false)]
    [InlineData("ORDER_LINE_NOT_FOUND", 422, false, false)]
    [InlineData("BUSY", 503, true, false)]
    [InlineData("DATABASE_UNAVAILABLE", 503, true, false)]
    [InlineData("INTERNAL", 500, false, false)]
    public void KnowsWhatMayBeRepeated_When_AskedForTraits(string code, int status, bool retryable, bool definitive)
    {
        var kind = ErrorCatalog.Get(code);

        (kind.Status, kind.Retryable, kind.Definitive).ShouldBe((status, retryable, definitive));
    }

    [Fact]
    public void Throws_When_CodeIsUnknown() =>
        Should.Throw<Laurel.Kernel.InvariantBrokenException>(() => ErrorCatalog.Get("NO_SUCH_CODE"));

    private static bool IsChinese(string text) => text.Any(c => c is >= '\u4e00' and <= '\u9fff');

    private static IEnumerable<string> ConstantsOf(Type type) => type
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (string)f.GetRawConstantValue()!);
}
