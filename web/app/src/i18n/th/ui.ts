import type { Catalogue } from '../en';

export const ui: Catalogue['ui'] = {
  cancel: 'ยกเลิก',
  close: 'ปิด',
  retry: 'ลองอีกครั้ง',
  loading: 'กำลังโหลด',
  save: 'บันทึก',
  back: 'กลับ',
  loadFailed: 'โหลดส่วนนี้ไม่ได้',
  moreFailed: 'โหลดเพิ่มไม่ได้',
};
