using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Http;

public sealed class RequestLanguageTests
{
    [Theory]
    [InlineData(null, Language.English)]
    [InlineData("", Language.English)]
    [InlineData("zh", Language.Chinese)]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", Language.Chinese)]
    [InlineData("ZH-hant-TW", Language.Chinese)]
    [InlineData("en;q=0.5, zh;q=0.6", Language.Chinese)]
    [InlineData("en, zh", Language.English)]
    [InlineData("zh;q=0.8, en", Language.English)]
    [InlineData("fr, zh;q=0.1", Language.Chinese)]
    [InlineData("fr", Language.English)]
    [InlineData("zh;q=0", Language.English)]
    [InlineData("zh;q=nonsense", Language.English)]
    [InlineData("zh;q=7", Language.English)]
    [InlineData("*, zh;q=0.5", Language.English)]
    [InlineData("zhx", Language.English)]
    [InlineData(",,;q=1,zh", Language.Chinese)]
    public void FollowsTheWeights_When_AcceptLanguageIs(string? header, Language expected)
    {
        var context = HttpScenario.Get(string.Empty);
        context.Request.Headers.AcceptLanguage = header;

        RequestLanguage.Of(context.Request).ShouldBe(expected);
    }

    [Fact]
    public void ReadsAllLines_When_TheHeaderIsRepeated()
    {
        var context = HttpScenario.Get(string.Empty);
        context.Request.Headers.AcceptLanguage = new(["fr", "zh"]);

        RequestLanguage.Of(context.Request).ShouldBe(Language.Chinese);
    }
}
