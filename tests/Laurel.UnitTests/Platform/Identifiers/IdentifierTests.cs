using Laurel.Platform.Identifiers;
using Laurel.UnitTests.Identity;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Identifiers;

public sealed class IdentifierTests
{
    private static readonly DateOnly s_today = new(2026, 11, 22);

    public static TheoryData<string> ValidCards => Listed("idCardGB11643", "valid");

    public static TheoryData<string> InvalidCards => Listed("idCardGB11643", "invalid");

    public static TheoryData<string> ValidLuhn => Listed("luhn", "valid");

    public static TheoryData<string> InvalidLuhn => Listed("luhn", "invalid");

    [Theory]
    [MemberData(nameof(ValidCards))]
    public void IsACard_When_ItsCheckCharacterIsRight(string number)
    {
        var card = IdentityCard.Read(number, s_today).ShouldNotBeNull();

        card.Number.ShouldBe(number);
        card.BornOn.ToString("yyyyMMdd").ShouldBe(number[6..14]);
        IdentityCard.Read(" " + number.ToLowerInvariant() + " ", s_today).ShouldBe(card);
        card.ToString().ShouldNotContain(number);
    }

    [Theory]
    [MemberData(nameof(InvalidCards))]
    [InlineData("")]
    [InlineData("110105491231002")]
    [InlineData("1101051949123100２X")]
    [InlineData("X1010519491231002X")]
    public void IsNoCard_When_SomethingIsWrong(string number) => IdentityCard.Read(number, s_today).ShouldBeNull();

    [Fact]
    public void IsNoCard_When_AnyOneDigitIsChanged()
    {
        const string Number = "11010519491231002X";
        for (var i = 0; i < Number.Length - 1; i++)
        {
            for (var digit = '0'; digit <= '9'; digit++)
            {
                var changed = Number[..i] + digit + Number[(i + 1)..];
                (IdentityCard.Read(changed, s_today) is null).ShouldBe(changed != Number, changed);
            }
        }
    }

    [Fact]
    public void TellsDateSexAndAge_When_Read()
    {
        var woman = IdentityCard.Read("11010519491231002X", s_today)!;
        var man = IdentityCard.Read("440524188001010014", s_today)!;

        (woman.BornOn, woman.Sex).ShouldBe((new DateOnly(1949, 12, 31), Sex.Female));
        (man.BornOn, man.Sex).ShouldBe((new DateOnly(1880, 1, 1), Sex.Male));
        woman.AgeOn(new DateOnly(2026, 12, 30)).ShouldBe(76);
        woman.AgeOn(new DateOnly(2026, 12, 31)).ShouldBe(77);
        new IdentityCard("", new DateOnly(2012, 2, 29), Sex.Male).AgeOn(new DateOnly(2026, 2, 28)).ShouldBe(13);
        new IdentityCard("", new DateOnly(2012, 2, 29), Sex.Male).AgeOn(new DateOnly(2026, 3, 1)).ShouldBe(14);
    }

    [Fact]
    public void IsNoCard_When_ItsOwnerIsNotBornYet()
    {
        IdentityCard.Read("53010219200508011X", new DateOnly(1920, 5, 8)).ShouldNotBeNull();
        IdentityCard.Read("53010219200508011X", new DateOnly(1920, 5, 7)).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(ValidLuhn))]
    public void HasItsDigit_When_LuhnAgrees(string number) => BankCard.HasLuhnDigit(number).ShouldBeTrue();

    [Theory]
    [MemberData(nameof(InvalidLuhn))]
    [InlineData("")]
    [InlineData("0000000")]
    [InlineData("4111 1111 1111 1111")]
    [InlineData("00000000000000000000")]
    public void HasNoRightDigit_When_LuhnDisagrees(string number) => BankCard.HasLuhnDigit(number).ShouldBeFalse();

    [Theory]
    [InlineData("13800138000", "+8613800138000")]
    [InlineData("+8613800138000", "+8613800138000")]
    [InlineData("19912345678", "+8619912345678")]
    [InlineData("+85251234567", "+85251234567")]
    [InlineData("12800138000", null)]
    [InlineData("1380013800", null)]
    [InlineData("+8612800138000", null)]
    [InlineData("+861380013800", null)]
    [InlineData("8613800138000", null)]
    [InlineData("01065529988", null)]
    [InlineData("+0085251234567", null)]
    [InlineData("+1234", null)]
    [InlineData("", null)]
    [InlineData("１３８００１３８０００", null)]
    public void IsInternational_When_WrittenAs(string normalised, string? expected) => MobileNumber.International(normalised).ShouldBe(expected);

    [Theory]
    [InlineData("86", "13800138000", "+8613800138000")]
    [InlineData("+86", "13800138000", "+8613800138000")]
    [InlineData("852", "51234567", "+85251234567")]
    [InlineData("86", "51234567", null)]
    [InlineData("086", "13800138000", null)]
    [InlineData("", "13800138000", null)]
    [InlineData("1", "123456789012345", null)]
    [InlineData("852", "5123 4567", null)]
    public void IsInternational_When_ToldInParts(string country, string number, string? expected) => MobileNumber.International(country, number).ShouldBe(expected);

    [Fact]
    public void IsChinese_When_ItBeginsWithOneAndThreeToNine()
    {
        for (var second = '0'; second <= '9'; second++)
        {
            MobileNumber.IsChinese($"1{second}012345678").ShouldBe(second >= '3');
        }
    }

    private static TheoryData<string> Listed(string kind, string name) =>
        [.. WireData.Vectors.GetProperty(kind).GetProperty(name).EnumerateArray().Select(item => item.GetString()!)];
}
