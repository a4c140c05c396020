using Laurel.Membership.Addresses;
using Laurel.Membership.Adjustments;
using Laurel.Membership.Avatars;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;
using Laurel.Membership.Bulk;
using Laurel.Membership.Cards;
using Laurel.Membership.DataKeys;
using Laurel.Membership.Finance;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Notes;
using Laurel.Membership.Orders;
using Laurel.Membership.Passes;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.RealNames;
using Laurel.Membership.Search;
using Laurel.Membership.Statuses;
using Laurel.Membership.Tags;
using Laurel.Membership.Units;
using Laurel.Membership.Watch;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Laurel.Membership;

/// <summary>How answers are written: compiled, camelCase, exact integers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(MemberReply))]
[JsonSerializable(typeof(MemberPage))]
[JsonSerializable(typeof(AvatarReply))]
[JsonSerializable(typeof(BulkReply))]
[JsonSerializable(typeof(PassReply))]
[JsonSerializable(typeof(PassReceipt))]
[JsonSerializable(typeof(MemberFilter))]
[JsonSerializable(typeof(DataKeyReceipt))]
[JsonSerializable(typeof(DataKeyRenewalReply))]
[JsonSerializable(typeof(SavedFilterReply))]
[JsonSerializable(typeof(SavedFilterList))]
[JsonSerializable(typeof(TagReply))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(MemberTagsReply))]
[JsonSerializable(typeof(NoteList))]
[JsonSerializable(typeof(NoteReceipt))]
[JsonSerializable(typeof(PostingReply))]
[JsonSerializable(typeof(HoldReply))]
[JsonSerializable(typeof(TransferReply))]
[JsonSerializable(typeof(ExtensionReply))]
[JsonSerializable(typeof(IReadOnlyList<EntryReply>))]
[JsonSerializable(typeof(PointsRecordPage))]
[JsonSerializable(typeof(MemberPoints))]
[JsonSerializable(typeof(OrderReturnList))]
[JsonSerializable(typeof(LevelList))]
[JsonSerializable(typeof(MemberLevel))]
[JsonSerializable(typeof(TrackList))]
[JsonSerializable(typeof(MemberTracks))]
[JsonSerializable(typeof(LevelHistory))]
[JsonSerializable(typeof(LevelHandReply))]
[JsonSerializable(typeof(ImportLevelsReply))]
[JsonSerializable(typeof(PointsSummary))]
[JsonSerializable(typeof(RecordExplanation))]
[JsonSerializable(typeof(RealNameReply))]
[JsonSerializable(typeof(RealNameStanding))]
[JsonSerializable(typeof(BalanceReply))]
[JsonSerializable(typeof(BalanceStatement))]
[JsonSerializable(typeof(RechargeReply))]
[JsonSerializable(typeof(RechargePage))]
[JsonSerializable(typeof(WithdrawalReply))]
[JsonSerializable(typeof(WithdrawalPage))]
[JsonSerializable(typeof(AdjustmentReply))]
[JsonSerializable(typeof(AdjustmentPage))]
[JsonSerializable(typeof(WatchCaseReply))]
[JsonSerializable(typeof(WatchCaseDetail))]
[JsonSerializable(typeof(WatchCasePage))]
[JsonSerializable(typeof(WatchReplayReply))]
[JsonSerializable(typeof(RollForward))]
[JsonSerializable(typeof(LiabilityReport))]
[JsonSerializable(typeof(ExpiringReport))]
[JsonSerializable(typeof(ExtensionReport))]
[JsonSerializable(typeof(BreakageCurve))]
[JsonSerializable(typeof(DeferralReport))]
[JsonSerializable(typeof(FinanceJournal))]
[JsonSerializable(typeof(BenefitUseReply))]
[JsonSerializable(typeof(BenefitUsePage))]
[JsonSerializable(typeof(BenefitGrantReply))]
[JsonSerializable(typeof(BenefitGrantPage))]
[JsonSerializable(typeof(MemberBenefits))]
[JsonSerializable(typeof(BenefitEligibility))]
[JsonSerializable(typeof(FeatureAccess))]
[JsonSerializable(typeof(MemberPriceReply))]
[JsonSerializable(typeof(BenefitUsage))]
[JsonSerializable(typeof(MembershipReply))]
[JsonSerializable(typeof(CardPurchaseReply))]
[JsonSerializable(typeof(MemberCards))]
[JsonSerializable(typeof(CardStatistics))]
[JsonSerializable(typeof(MergeReply))]
[JsonSerializable(typeof(MergeRecord))]
[JsonSerializable(typeof(MergePage))]
[JsonSerializable(typeof(MemberUnits))]
[JsonSerializable(typeof(ProfileReceipt))]
[JsonSerializable(typeof(MemberExport))]
[JsonSerializable(typeof(AddressList))]
[JsonSerializable(typeof(AddressReceipt))]
[JsonSerializable(typeof(StatusReply))]
[JsonSerializable(typeof(StatusHistory))]
[JsonSerializable(typeof(LeavingMembers))]
[JsonSerializable(typeof(ConsentReply))]
[JsonSerializable(typeof(ConsentPage))]
public sealed partial class MembershipJson : JsonSerializerContext;
